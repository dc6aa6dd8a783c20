//! The codec of the services: prost's, with buffers that do not stay large, because a link is idle nearly all the time
//! and a parent may have thousands of them; and each message is weighed before it is read.

use std::marker::PhantomData;

use bytes::Buf as _;
use prost::Message;
use tonic::Status;
use tonic::codec::{BufferSettings, Codec, DecodeBuf, Decoder};
use tonic_prost::ProstCodec;

use crate::weight;

/// What a stream's buffer starts with, bytes; tonic's own default is 8 KiB in each direction.
const BUFFER: usize = 256;
/// A message is handed on as soon as it is encoded, so that the buffer never grows beyond one message.
const YIELD: usize = 1;
/// What the lists of a message may take beside half of its length: two thousand of what a link lists.
const SPARE: u64 = 256 * 1024;

/// prost's codec with small buffers.
#[derive(Debug, Clone)]
pub struct SmallCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for SmallCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for SmallCodec<T, U>
where
    T: Message + Send + 'static,
    U: prost::Name + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = <ProstCodec<T, U> as Codec>::Encoder;
    type Decoder = WeighingDecoder<<ProstCodec<T, U> as Codec>::Decoder>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<T, U>::raw_encoder(BufferSettings::new(BUFFER, YIELD))
    }

    fn decoder(&mut self) -> Self::Decoder {
        WeighingDecoder(ProstCodec::<T, U>::raw_decoder(BufferSettings::new(BUFFER, YIELD)))
    }
}

/// Reads what is not too heavy.
#[derive(Debug, Clone)]
pub struct WeighingDecoder<D>(D);

impl<D> Decoder for WeighingDecoder<D>
where
    D: Decoder<Error = Status>,
    D::Item: prost::Name,
{
    type Item = D::Item;
    type Error = Status;

    fn decode(&mut self, buf: &mut DecodeBuf<'_>) -> Result<Option<D::Item>, Status> {
        // A message lies in one piece once it is complete.
        weight::check::<D::Item>(buf.chunk(), SPARE).map_err(|error| Status::invalid_argument(error.to_string()))?;
        self.0.decode(buf)
    }

    fn buffer_settings(&self) -> BufferSettings {
        self.0.buffer_settings()
    }
}
