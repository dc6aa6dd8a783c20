//! The wire contract: one .proto package, the types generated from it, and their conversion to and from domain
//! types. After the conversion nobody checks again; before it nobody trusts.

pub mod codec;
pub mod convert;
pub mod packing;
pub mod weight;

/// The generated messages and services.
#[allow(missing_docs, unreachable_pub, clippy::pedantic, reason = "generated code")]
pub mod v1 {
    include!("generated/tongpin.v1.rs");
}

/// The compiled .proto files, for gRPC reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!("generated/descriptor.bin");

/// The version of the protocol: raised when an old peer could misread a new one. New fields do not raise it.
pub const PROTOCOL: u32 = 1;
