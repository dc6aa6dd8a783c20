//! What reading a message takes at most, measured: each case runs in a process of its own, whose largest memory is
//! read from the system.

use std::process::Command;

use prost::Message as _;
use tongpin_proto::packing::{self, LARGEST, LARGEST_BATCH, Packable, PackingError};
use tongpin_proto::{v1, weight};

/// The variable that tells the process of a case which one it is.
const CASE: &str = "TONGPIN_MEMORY_CASE";
const MIB: u64 = 1024 * 1024;
/// What a process takes for itself while it reads.
const OWN: u64 = 4 * MIB;

/// One case: what is read, how long it says it is, and whether it must be refused.
struct Case {
    name: &'static str,
    length: u64,
    refused: bool,
    read: fn(u64) -> bool,
}

/// Lists of empty messages as they come in 24 KB and less, lists that are just let through, and single values.
const CASES: [Case; 9] = [
    Case { name: "batch of empty changes", length: LARGEST_BATCH, refused: true, read: |n| batch(&[0x0a, 0], n, 0) },
    Case { name: "batch at the limit", length: LARGEST_BATCH, refused: false, read: |n| batch(&[0x0a, 0], 90_000, n) },
    Case { name: "empty removals", length: 64 * MIB, refused: true, read: |n| difference(&[0x12, 0], n / 2, 0) },
    Case { name: "empty entries", length: 64 * MIB, refused: true, read: |n| difference(&[0x0a, 0], n / 2, 0) },
    Case {
        name: "entries at the limit",
        length: 64 * MIB,
        refused: false,
        read: |n| difference(&[0x0a, 0], 300_000, n),
    },
    Case { name: "bundle of empty messages", length: 64 * MIB, refused: true, read: |n| bundle(&[0x22, 0], n / 2) },
    Case { name: "hello of empty heads", length: 8 * MIB, refused: true, read: |n| hello(0x22, n) },
    Case { name: "hello of empty positions", length: 8 * MIB, refused: true, read: |n| hello(0x32, n) },
    Case { name: "request to join of unknown fields", length: 16 * 1024, refused: false, read: enrol },
];

/// A packed list of `count` items; with a `length`, one long text in the last item fills it up.
fn list(item: &[u8], count: u64, length: u64) -> (Vec<u8>, u64) {
    let count = usize::try_from(count).expect("it fits");
    let mut raw = item.repeat(count);
    if let Some(rest) = length.checked_sub(raw.len() as u64 + 16) {
        // Field 1 of the list, holding field 2 of a change or field 4 of an entry: text.
        let text = v1::Change { key: "k".repeat(usize::try_from(rest).expect("it fits")), ..Default::default() };
        raw.extend(v1::Changes { changes: vec![text] }.encode_to_vec());
    }
    (zstd::bulk::compress(&raw, 1).expect("it packs"), raw.len() as u64)
}

fn read<M: Packable>((data, length): (Vec<u8>, u64)) -> bool {
    begin();
    match packing::unpack::<M>(&data, length) {
        Ok(message) => {
            std::hint::black_box(&message);
            true
        }
        Err(PackingError::Overweight(_) | PackingError::TooLarge { .. }) => false,
        Err(other) => unreachable!("{other}"),
    }
}

fn batch(item: &[u8], count: u64, length: u64) -> bool {
    let count = if length == 0 { count / 2 } else { count };
    read::<v1::Changes>(list(item, count, length))
}

fn difference(item: &[u8], count: u64, length: u64) -> bool {
    read::<v1::Difference>(list(item, count, length))
}

fn bundle(item: &[u8], count: u64) -> bool {
    assert!(count * 2 <= LARGEST);
    read::<v1::BundleContent>(list(item, count, 0))
}

fn hello(key: u8, length: u64) -> bool {
    let inner = [key, 0].repeat(usize::try_from(length / 2).expect("it fits"));
    let mut bytes = vec![0x0a];
    prost::encoding::encode_varint(inner.len() as u64, &mut bytes);
    bytes.extend(inner);
    begin();
    weight::check::<v1::Upward>(&bytes, 256 * 1024).is_ok() && v1::Upward::decode(bytes.as_slice()).is_ok()
}

fn enrol(length: u64) -> bool {
    // Field 99, empty, again and again: nothing is made of it.
    let bytes = [0x9a, 0x06, 0].repeat(usize::try_from(length / 3).expect("it fits"));
    begin();
    weight::check::<v1::EnrolRequest>(&bytes, 0).is_ok() && v1::EnrolRequest::decode(bytes.as_slice()).is_ok()
}

/// From here on the largest memory counts.
fn begin() {
    std::fs::write("/proc/self/clear_refs", "5").expect("Linux");
    println!("before {}", status("VmRSS"));
}

fn status(field: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = text.lines().find(|line| line.starts_with(field)).expect("a field");
    let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("a number");
    kib * 1024
}

/// No message takes more than four times its declared length while it is read, whatever it holds; what would take more
/// is refused.
#[test]
fn four_times_the_length_at_most() {
    if let Ok(asked) = std::env::var(CASE) {
        let case = CASES.iter().find(|case| case.name == asked).expect("a case");
        let taken = (case.read)(case.length);
        println!("peak {}\ntaken {taken}", status("VmHWM"));
        return;
    }
    for Case { name, length, refused, .. } in &CASES {
        let mut alone = Command::new(std::env::current_exe().expect("this program"));
        alone.args(["--exact", "four_times_the_length_at_most", "--nocapture"]).env(CASE, name);
        let said = String::from_utf8(alone.output().expect("it runs").stdout).expect("text");
        let told = |word: &str| {
            let line = said.lines().find_map(|line| line.trim().strip_prefix(word));
            line.unwrap_or_else(|| unreachable!("{name}: no {word} in {said}")).trim().to_owned()
        };
        let number = |word: &str| told(word).parse::<u64>().expect("a number");
        let grew = number("peak").saturating_sub(number("before"));
        assert!(grew <= 4 * length + OWN, "{name}: {} MiB for {} MiB", grew / MIB, length / MIB);
        assert_eq!(told("taken") == "false", *refused, "{name}");
    }
}
