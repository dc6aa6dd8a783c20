//! What a message will take in memory, told from its bytes before anything is made of them: an empty message in a list
//! is two bytes on the wire and a hundred in memory, so that a length alone bounds nothing.

use std::collections::HashMap;
use std::sync::LazyLock;

use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet};

use crate::DESCRIPTORS;

/// What one text, one piece of bytes, one list and one number take by themselves, at most.
const TEXT: u64 = 24;
const BYTES: u64 = 32;
const LIST: u64 = 24;
const NUMBER: u64 = 8;
/// What tells which of several a field is, or whether it is there, alignment included.
const MARK: u64 = 8;
/// Messages within messages: the contract has four levels.
const DEEPEST: u8 = 8;

/// Why bytes are not made into a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Overweight {
    /// Its lists would take far more memory than its bytes.
    #[error("{bytes} bytes hold lists of {weight} bytes and more")]
    Lists {
        /// The length of the message.
        bytes: u64,
        /// What was counted when it was enough.
        weight: u64,
    },
    /// Not the form of a message.
    #[error("not a message")]
    Malformed,
}

/// Checks that what the lists of a message will take is at most half of its length and `spare` bytes. A list grows by
/// doubling, so reading what passes takes at most three and a half times the length and three times `spare`.
///
/// # Errors
/// See [`Overweight`].
pub fn check<M: prost::Name>(bytes: &[u8], spare: u64) -> Result<(), Overweight> {
    let Some(shape) = SHAPES.by_name.get(&M::full_name()) else { return Ok(()) };
    let length = bytes.len() as u64;
    let mut scale = Scale { length, most: spare.saturating_add(length / 2), weight: 0 };
    scale.add(*shape, bytes, DEEPEST)
}

/// A field of a message of the contract.
#[derive(Debug, Clone, Copy)]
struct Field {
    number: u64,
    /// What each occurrence adds: something in lists only.
    each: u64,
    /// Numbers in a list may come packed, as little as a byte each.
    packed: bool,
    /// The place of the message that the field holds.
    message: Option<usize>,
}

#[derive(Debug, Default)]
struct Shapes {
    /// The fields of each message.
    all: Vec<Vec<Field>>,
    by_name: HashMap<String, usize>,
}

/// The contract's own description, so that a field is described once.
static SHAPES: LazyLock<Shapes> = LazyLock::new(|| {
    let set = FileDescriptorSet::decode(DESCRIPTORS).expect("the descriptors are generated, and read by a test");
    let mut shapes = Shapes::default();
    let mut described = Vec::new();
    for file in &set.file {
        for message in &file.message_type {
            shapes.by_name.insert(format!("{}.{}", file.package(), message.name()), described.len());
            described.push(message);
        }
    }
    shapes.all = described.iter().map(|message| shapes.fields(&described, message)).collect();
    shapes
});

impl Shapes {
    fn fields(&self, described: &[&DescriptorProto], message: &DescriptorProto) -> Vec<Field> {
        let field = |field: &FieldDescriptorProto| {
            let listed = field.label() == Label::Repeated;
            let alone = self.alone(described, field);
            Field {
                number: u64::try_from(field.number()).unwrap_or(0),
                each: if listed { alone } else { 0 },
                packed: listed && alone == NUMBER,
                message: self.message(field),
            }
        };
        message.field.iter().map(field).collect()
    }

    fn message(&self, field: &FieldDescriptorProto) -> Option<usize> {
        let name = field.type_name().trim_start_matches('.');
        (field.r#type() == Type::Message).then(|| self.by_name.get(name).copied()).flatten()
    }

    /// What a value of a field takes, lists aside.
    fn alone(&self, described: &[&DescriptorProto], field: &FieldDescriptorProto) -> u64 {
        match (field.r#type(), self.message(field).and_then(|place| described.get(place))) {
            (Type::String, _) => TEXT,
            (Type::Bytes, _) => BYTES,
            (_, Some(message)) => self.size(described, message),
            _ => NUMBER,
        }
    }

    /// What a message takes: its fields side by side, and of those that exclude each other the largest.
    fn size(&self, described: &[&DescriptorProto], message: &DescriptorProto) -> u64 {
        let mut size = 0_u64;
        let mut largest = 0;
        for field in &message.field {
            let listed = field.label() == Label::Repeated;
            let value = if listed { LIST } else { self.alone(described, field).saturating_add(MARK) };
            if field.oneof_index.is_some() && !field.proto3_optional() {
                largest = value.max(largest);
            } else {
                size = size.saturating_add(value);
            }
        }
        size.saturating_add(largest)
    }
}

struct Scale {
    length: u64,
    most: u64,
    weight: u64,
}

impl Scale {
    fn add(&mut self, shape: usize, mut bytes: &[u8], deeper: u8) -> Result<(), Overweight> {
        let fields = SHAPES.all.get(shape).map_or(&[][..], Vec::as_slice);
        while !bytes.is_empty() {
            let key = number(&mut bytes)?;
            let field = fields.iter().find(|field| field.number == key >> 3);
            let value = match key & 7 {
                0 => number(&mut bytes).map(|_| &[][..])?,
                1 => taken(&mut bytes, 8)?,
                2 => {
                    let length = number(&mut bytes)?;
                    taken(&mut bytes, length)?
                }
                5 => taken(&mut bytes, 4)?,
                _ => return Err(Overweight::Malformed),
            };
            let Some(field) = field else { continue };
            let packed = if field.packed { (value.len() as u64).saturating_mul(NUMBER) } else { 0 };
            self.weight = self.weight.saturating_add(field.each).saturating_add(packed);
            if self.weight > self.most {
                return Err(Overweight::Lists { bytes: self.length, weight: self.weight });
            }
            if let (Some(message), Some(deeper)) = (field.message, deeper.checked_sub(1)) {
                self.add(message, value, deeper)?;
            }
        }
        Ok(())
    }
}

fn number(bytes: &mut &[u8]) -> Result<u64, Overweight> {
    prost::encoding::decode_varint(bytes).map_err(|_| Overweight::Malformed)
}

fn taken<'a>(bytes: &mut &'a [u8], length: u64) -> Result<&'a [u8], Overweight> {
    let length = usize::try_from(length).map_err(|_| Overweight::Malformed)?;
    let (value, rest) = bytes.split_at_checked(length).ok_or(Overweight::Malformed)?;
    *bytes = rest;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1;

    /// What is reckoned for a message in a list is at least what it takes, and no multiple of that.
    #[test]
    fn sizes_cover_the_generated_types() {
        let set = FileDescriptorSet::decode(DESCRIPTORS).expect("generated");
        let all: Vec<&DescriptorProto> = set.file.iter().flat_map(|file| &file.message_type).collect();
        let reckoned = |name: &str| {
            let message = all.iter().find(|message| message.name() == name).expect("a message");
            usize::try_from(SHAPES.size(&all, message)).expect("small")
        };
        let real = [
            ("Change", size_of::<v1::Change>()),
            ("Entry", size_of::<v1::Entry>()),
            ("Head", size_of::<v1::Head>()),
            ("Staged", size_of::<v1::Staged>()),
            ("Position", size_of::<v1::Position>()),
            ("Signed", size_of::<v1::Signed>()),
            ("Upward", size_of::<v1::Upward>()),
            ("Downward", size_of::<v1::Downward>()),
        ];
        for (name, real) in real {
            let reckoned = reckoned(name);
            assert!((real..=2 * real).contains(&reckoned), "{name}: {reckoned} reckoned, {real} taken");
        }
    }

    fn heads(count: usize, head: &v1::Head) -> Vec<u8> {
        v1::Upward {
            body: Some(v1::upward::Body::Hello(v1::Hello { heads: vec![head.clone(); count], ..Default::default() })),
        }
        .encode_to_vec()
    }

    /// A list is told by what it holds, however deep it lies; real content passes at any length, empty content only as
    /// long as there is not much of it.
    #[test]
    fn empty_messages_weigh() {
        let checked = |bytes: &[u8]| check::<v1::Upward>(bytes, 64 * 1024);
        let empty = v1::Head::default();
        let real = v1::Head { catalog: "indicators".repeat(20), digest: vec![7; 32].into(), ..v1::Head::default() };
        assert_eq!(checked(&heads(400, &empty)), Ok(()));
        assert!(matches!(checked(&heads(4_000, &empty)), Err(Overweight::Lists { .. })));
        assert_eq!(checked(&heads(40_000, &real)), Ok(()));
        let mut strange = heads(1, &real);
        // Fields of a newer version and cut-off ones: the first are passed over, the second are none.
        strange.extend([0xf8, 0x3f, 0x01, 0xfa, 0x3f, 0x02, 0xff, 0xff]);
        assert_eq!(checked(&strange), Ok(()));
        strange.extend([0xfa, 0x3f, 0x7f]);
        assert_eq!(checked(&strange), Err(Overweight::Malformed));
    }
}
