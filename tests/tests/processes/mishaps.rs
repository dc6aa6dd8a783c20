//! What goes wrong at the desk: each is said in the user's words, with an exit code that a script can tell apart, and
//! nothing is half done.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use tongpin_tests::demo::samples;
use tongpin_tests::inprocess::{Member, TestClock, brisk, join, until as eventually};
use tongpin_tests::process::{Bureau, Program};

use crate::ground::{Ground, ended, text};

/// A port that another program holds is named, with what to do, and the exit code says that it is this machine.
#[test]
fn port_taken() -> Result<()> {
    let ground = Ground::found()?;
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    let (code, printed, said) = ended(&ground.hub.try_run(&["serve", "--listen", &address, "--page", "off"])?);
    assert_eq!(code, 6, "{said}");
    assert!(said.contains(&address) && said.contains("占用"), "{said}");
    assert_eq!(printed, "");
    Ok(())
}

/// A second `serve` on the same folder is refused, and the first one goes on.
#[test]
fn second_serve() -> Result<()> {
    let ground = Ground::found()?;
    let mut first = ground.hub.serve()?;
    let second = ["serve", "--listen", "127.0.0.1:0", "--page", "off"];
    let (code, _, said) = ended(&ground.hub.try_run(&second)?);
    assert_eq!(code, 6, "{said}");
    assert!(said.contains("已有一个 serve 在运行"), "{said}");
    assert!(first.is_alive());
    Ok(())
}

/// A token that is no token, or that lost a part on its way, is found before anything is asked of the network or
/// written, and is not repeated in the message.
#[test]
fn wrong_token() -> Result<()> {
    let ground = Ground::found()?;
    let county = ground.codes.0.as_str();
    let invited = ground.hub.ask(&["invite", county, "--address", "127.0.0.1:9", "--by", "经办-001"])?;
    let whole = invited["token"].as_str().context("a token")?;
    for token in ["你好", "TP1-abcdef", &whole[..whole.len() - 3]] {
        let (code, _, said) = ended(&ground.county.try_run(&["join", token])?);
        assert_eq!(code, 3, "{said}");
        assert!(said.contains("加入码"), "{said}");
        assert!(!said.contains(&whole[..whole.len() - 3]), "the token is a secret: {said}");
        assert!(!ground.county.data.join("identity").join("identity.crt").exists());
    }
    // A sound one whose city does not run: that is the network's fault, and says so.
    let (code, _, said) = ended(&ground.county.try_run(&["join", whole])?);
    assert_eq!(code, 5, "{said}");
    assert!(said.contains("127.0.0.1:9"), "{said}");
    Ok(())
}

/// A copy of a file in which one cell is another; returns its path.
fn spoiled(ground: &Ground, from: &Path, name: &str, row: usize, column: &str, cell: &str) -> Result<String> {
    let mut reader = csv::Reader::from_path(from)?;
    let header = reader.headers()?.clone();
    let place = header.iter().position(|name| name == column).context("the column")?;
    let mut writer = csv::Writer::from_path(ground.file(name))?;
    writer.write_record(&header)?;
    for (index, record) in reader.records().enumerate() {
        let record = record?;
        let spoil = |at: usize| index == row && at == place;
        writer.write_record(record.iter().enumerate().map(|(at, old)| if spoil(at) { cell } else { old }))?;
    }
    writer.flush()?;
    Ok(ground.file(name))
}

/// A file with a mistake is refused whole: it is named by file, line and column with what was found and expected, and
/// nothing of the file is imported, neither at the city nor at a node.
#[test]
fn bad_files() -> Result<()> {
    let mut ground = Ground::found()?;
    let library = spoiled(&ground, &samples().join("indicators.csv"), "库.csv", 2, "agg_method", "随便")?;
    let (code, shown, said) = ended(&ground.hub.try_run(&["import", "indicators", &library, "--by", "经办-001"])?);
    assert_eq!(code, 3, "{shown}{said}");
    assert!(shown.contains("库.csv 第 4 行 agg_method 列为“随便”，应为："), "{shown}{said}");
    assert_eq!(ended(&ground.hub.try_run(&["diff", "indicators"])?).0, 3, "there is no draft");

    let running = ground.run_all()?;
    let projects = spoiled(&ground, &ground.entries.0, "项目.csv", 1, "fiscal_year", "二〇二四")?;
    let (code, shown, said) = ended(&ground.township.try_run(&["import", "projects", &projects])?);
    assert_eq!(code, 3, "{shown}{said}");
    let both = format!("{shown}{said}");
    assert!(both.contains("项目.csv 第 3 行 fiscal_year 列为“二〇二四”，应为："), "{both}");
    let status = ground.township.ask(&["status"])?;
    assert_eq!(status["records"]["project"].as_u64(), Some(0), "{status}");
    drop(running);
    Ok(())
}

/// What the published catalogs do not know is named by the command with file, line and column, and asked about only: a
/// fund of one's own is in no catalog.
#[test]
fn unknown_codes() -> Result<()> {
    let mut ground = Ground::found()?;
    let _running = ground.run_all()?;
    ground.publish("indicators", "indicators.csv")?;
    ground.publish("funds", "funds.csv")?;
    for parent in [&ground.hub, &ground.county] {
        parent.run(&["wait", "--timeout", "60"])?;
    }
    let projects = spoiled(&ground, &ground.entries.0, "项目.csv", 0, "fund_code", "ZX2024-99")?;
    let lines = spoiled(&ground, &ground.entries.1, "指标.csv", 0, "indicator_code", "JY-99-999")?;
    let told = ground.township.ask(&["import", "projects", &projects, "--indicators", &lines])?;
    let warned = |file: &str, column: &str, found: &str| {
        let mut all = told["warnings"].as_array().into_iter().flatten();
        all.any(|it| it["file"] == file && it["line"] == 2 && it["column"] == column && it["found"] == found)
    };
    assert!(warned("项目.csv", "fund_code", "ZX2024-99"), "{told}");
    assert!(warned("指标.csv", "indicator_code", "JY-99-999"), "{told}");
    assert_eq!(told["imported"], true, "{told}");
    Ok(())
}

/// A disk that takes no more is said plainly, and nothing of the import is kept.
#[cfg(unix)]
#[test]
fn disk_full() -> Result<()> {
    let ground = Ground::found()?;
    // A limit on the size of files, as a quota has it, stands for a full disk: enough to open the database (its shared
    // index takes 64 blocks of 512 bytes), too little for the draft.
    let library = text(&samples().join("indicators.csv"));
    let script = "trap '' XFSZ; ulimit -f 80; exec \"$@\"";
    let program = Program::Hub.path()?;
    let data = text(&ground.hub.data);
    let output = Command::new("sh")
        .args(["-c", script, "sh", &text(&program), "--data", &data, "import", "indicators", &library, "--by", "甲"])
        .output()?;
    let (code, _, said) = ended(&output);
    assert_eq!(code, 6, "{said}");
    assert!(said.contains("磁盘"), "{said}");
    assert_eq!(ended(&ground.hub.try_run(&["diff", "indicators"])?).0, 3, "there is no draft");
    ground.publish("indicators", "indicators.csv")
}

/// A clock that is ten minutes ahead: `doctor` says by how much and what to do, and ends with 1.
#[tokio::test(flavor = "multi_thread")]
async fn clock_off() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (right, ahead) = (TestClock::default(), TestClock::default());
    ahead.advance(Duration::from_mins(10));
    let hub = Member::hub(folder.path(), "350100", &right.clock()).await?;
    let own = folder.path().join("county");
    let joined = join(&own, &hub.invite("350181").await?, &ahead.clock()).await?;
    let county = Member::start_timed(&own, Some(joined.parent), &ahead.clock(), "127.0.0.1:0", brisk()).await?;
    eventually("they have spoken", async || {
        let state = tongpin_link::uplink::LinkState::load(&county.site.store).await?;
        Ok(state.clock_offset_ms.is_some())
    })
    .await?;
    county.stop().await;
    let node = Bureau { program: Program::Node, data: own };
    let output = tokio::task::spawn_blocking(move || node.try_run(&["--json", "doctor"])).await??;
    let (code, printed, _) = ended(&output);
    assert_eq!(code, 1, "{printed}");
    assert!(printed.contains("时钟"), "{printed}");
    assert!(printed.contains("10 分") || printed.contains("600"), "{printed}");
    Ok(())
}
