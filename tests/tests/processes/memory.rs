//! What uploads cost: the program's own measure of its memory, while files that are made to fill it are sent through
//! the page.

use std::thread;

use anyhow::{Context, Result, ensure};
use tongpin_tests::reader::Reader;

use crate::ground::Ground;

/// A large file, bytes. What it costs grows with it; the bounds below are as many times as large.
const LARGE: usize = 4 * 1024 * 1024;

/// The most memory that a process has had, MB.
fn peak(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the kernel tells it")?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes / 1024)
}

/// A file of commas costs a few times its size (a table of blank cells made of it would cost seventy times), four at
/// once little more than the four, and each sender hears what is wrong with it.
#[cfg(target_os = "linux")]
#[test]
fn commas() -> Result<()> {
    let mut ground = Ground::found()?;
    let running = ground.run_all()?;
    let county = running.get(1).context("three run")?;
    let add = ["account", "add", "jingban", "--display", "经办-001", "--duties", "enter", "--password-stdin"];
    ground.county.run_told(&add, "Harvest-canal-48")?;
    let reader = Reader::sign_in(&county.page, "jingban", "Harvest-canal-48")?;
    let before = peak(county.id())?;
    let commas = vec![b','; LARGE];
    let answer = reader.upload("/import", "逗号.csv", &commas)?;
    ensure!(
        answer.status == 422 && answer.text().contains("第 1 行超过 200 列"),
        "{} {}",
        answer.status,
        answer.text()
    );
    let one = peak(county.id())?.saturating_sub(before);
    ensure!(one < 40, "one file of commas cost {one} MB");
    // Behind a sound head, in rows of as many as there may be: rows of nothing but blanks are none.
    let mut rows = "项目代码,项目名称,年度,区划代码\n".as_bytes().to_vec();
    while rows.len() < LARGE {
        rows.extend([b','; 199]);
        rows.push(b'\n');
    }
    thread::scope(|scope| {
        let sending: Vec<_> = (0..4)
            .map(|at| {
                let (reader, file) = (&reader, if at == 0 { &rows } else { &commas });
                scope.spawn(move || reader.upload("/import", "逗号.csv", file))
            })
            .collect();
        for sent in sending {
            let answer = sent.join().ok().context("a sender")??;
            ensure!(answer.status == 422, "{} {}", answer.status, answer.text());
        }
        Ok(())
    })?;
    let four = peak(county.id())?.saturating_sub(before);
    ensure!(four < 100, "four files of commas at once cost {four} MB");
    Ok(())
}
