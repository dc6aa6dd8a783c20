//! The generated code is checked in; this regenerates it from the .proto files and compares.
//! Run with `TONGPIN_REGENERATE=1` to write it anew.

use std::path::Path;

#[test]
fn generated_code_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["tongpin/v1/enrolment.proto", "tongpin/v1/link.proto", "tongpin/v1/bundle.proto"];
    let descriptors = protox::compile(files.map(|file| root.join(file)), [root]).expect("the .proto files compile");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let descriptor_bytes = {
        use prost::Message as _;
        descriptors.encode_to_vec()
    };
    let mut config = tonic_prost_build::Config::new();
    config.enable_type_names();
    tonic_prost_build::configure()
        .bytes(".tongpin.v1")
        .codec_path("crate::codec::SmallCodec")
        .out_dir(folder.path())
        .compile_fds_with_config(descriptors, config)
        .expect("code is generated");
    std::fs::write(folder.path().join("descriptor.bin"), descriptor_bytes).expect("the descriptor is written");
    for name in ["tongpin.v1.rs", "descriptor.bin"] {
        let fresh = std::fs::read(folder.path().join(name)).expect("the file was generated");
        let kept = root.join("src/generated").join(name);
        if std::env::var_os("TONGPIN_REGENERATE").is_some() {
            std::fs::write(&kept, &fresh).expect("the generated code is written");
        }
        let present = std::fs::read(&kept).unwrap_or_default();
        assert!(present == fresh, "{name} is stale: run TONGPIN_REGENERATE=1 cargo test -p tongpin-proto");
    }
}
