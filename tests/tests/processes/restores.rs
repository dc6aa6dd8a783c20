//! A backup, and the way back to it, with the programs as they are run: what an operator does on a bad day.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tongpin_domain::catalog::CatalogId;
use tongpin_domain::digest::Digest;
use tongpin_store::Store;
use tongpin_tests::inprocess::region;
use tongpin_tests::process::{Bureau, Program};

use crate::deaf::Serving;
use crate::ground::{CITY, Ground, ended, text};

/// What lies beside a database.
fn beside(database: &Path) -> Vec<PathBuf> {
    let all = ["-wal", "-shm", "-journal"].map(|end| PathBuf::from(format!("{}{end}", database.display())));
    all.into_iter().filter(|path| path.exists()).collect()
}

fn database(bureau: &Bureau) -> PathBuf {
    bureau.data.join("tongpin.sqlite")
}

/// Every file of a folder with what is in it.
fn files(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            found.insert(path.clone(), std::fs::read(&path)?);
        }
    }
    Ok(found)
}

/// The catalogs that the database of a city has released, and whether its log is whole.
fn released(path: &Path) -> Result<Vec<&'static str>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(&text(path)).await?;
        ensure!(store.audit_broken_at().await?.is_none(), "the log is broken");
        let mut found = Vec::new();
        for name in ["regions", "indicators"] {
            let releases = store.releases(&CatalogId::new(region(CITY), name), 0, 9).await?;
            found.extend((!releases.is_empty()).then_some(name));
        }
        store.close().await;
        Ok(found)
    })
}

/// Restores, and returns where the database that was there stands.
fn restore(bureau: &Bureau, file: &str) -> Result<PathBuf> {
    let told = bureau.ask(&["restore", file])?;
    Ok(PathBuf::from(told["replaced"].as_str().with_context(|| format!("{told}"))?))
}

/// Whoever stops city, county and township finds all that each holds in one file: no write-ahead log is left that
/// another file in its place would be read with. A command leaves none either.
#[test]
fn a_stop_leaves_one_file() -> Result<()> {
    let mut ground = Ground::found()?;
    let running = ground.run_all()?;
    ground.publish("regions", "regions.csv")?;
    ground.township.run(&["import", "projects", &text(&ground.entries.0)])?;
    for (bureau, running) in [&ground.hub, &ground.county, &ground.township].into_iter().zip(running) {
        assert!(!beside(&database(bureau)).is_empty(), "a log is written while it runs");
        running.stop()?;
        assert_eq!(beside(&database(bureau)), Vec::<PathBuf>::new(), "after the stop");
        bureau.run(&["status"])?;
        bureau.try_run(&["doctor"])?;
        assert_eq!(beside(&database(bureau)), Vec::<PathBuf>::new(), "after a command");
    }
    Ok(())
}

/// A city goes back to its backup, and back again: what it held then is there, keys and settings are the same, and what
/// was replaced stands aside whole. While `serve` runs nothing is restored.
#[test]
fn there_and_back() -> Result<()> {
    let ground = Ground::found()?;
    let (hub, file) = (&ground.hub, ground.file("hub-1.sqlite"));
    let running = hub.serve()?;
    ground.publish("regions", "regions.csv")?;
    hub.run(&["backup", &file])?;
    ground.publish("indicators", "indicators.csv")?;
    let (code, _, said) = ended(&hub.try_run(&["restore", &file])?);
    assert!(code == 6 && said.contains("已有一个 serve 在运行"), "{code} {said}");
    running.stop()?;
    let keys = files(&hub.data.join("identity"))?;

    let replaced = restore(hub, &file)?;
    assert!(text(&replaced).contains("tongpin.sqlite.replaced-"), "{}", replaced.display());
    assert_eq!(files(&hub.data.join("identity"))?, keys);
    assert_eq!(ended(&hub.try_run(&["status"])?).0, 0);
    hub.serve()?.stop()?;
    assert_eq!(released(&database(hub))?, ["regions"]);
    let again = restore(hub, &text(&replaced))?;
    assert_ne!(again, replaced);
    hub.serve()?.stop()?;
    assert_eq!(released(&database(hub))?, ["regions", "indicators"]);
    assert_eq!(released(&again)?, ["regions"]);
    assert!(hub.run(&["--lang", "en", "restore", &file])?.contains("what was there stands at"));
    Ok(())
}

/// A township's evidence comes back with its database, and its keys go on being good for its county.
#[test]
fn with_evidence() -> Result<()> {
    let mut ground = Ground::found()?;
    let [hub, county, running] = ground.run_all()?;
    let (township, file) = (&ground.township, ground.file("t.sqlite"));
    let evidence = township.data.join("evidence").join(Digest::of(b"%PDF-1.4").to_string());
    std::fs::create_dir_all(township.data.join("evidence"))?;
    std::fs::write(&evidence, b"%PDF-1.4")?;
    township.run(&["backup", &file])?;
    township.run(&["import", "projects", &text(&ground.entries.0)])?;
    running.stop()?;
    std::fs::remove_file(&evidence)?;
    township.run(&["restore", &file])?;
    assert_eq!(std::fs::read(&evidence)?, b"%PDF-1.4");
    assert_eq!(township.ask(&["status"])?["records"]["project"].as_u64(), Some(0));
    township.serve()?.stop()?;
    drop((hub, county));
    Ok(())
}

/// What is no backup of this bureau is refused by name, and everything stays as it was: another bureau's, the other
/// program's, what is no database, a damaged one, and the database in use itself.
#[test]
fn what_is_refused() -> Result<()> {
    let mut ground = Ground::found()?;
    for running in ground.run_all()? {
        running.stop()?;
    }
    let (hub, county, township) = (&ground.hub, &ground.county, &ground.township);
    let of = |bureau: &Bureau, name: &str| {
        let file = ground.file(name);
        bureau.run(&["backup", &file]).map(|_| file)
    };
    let (of_hub, of_county, of_township) = (of(hub, "h")?, of(county, "c")?, of(township, "t")?);
    let (no_database, damaged) = (ground.file("csv"), ground.file("damaged"));
    std::fs::write(&no_database, "项目名称,年初预算数\n".repeat(400))?;
    let mut bytes = std::fs::read(&of_county)?;
    let half = bytes.len() / 2;
    bytes.drain(half..);
    std::fs::write(&damaged, bytes)?;
    let own = text(&database(county));
    let cases = [
        (county, &of_hub, CITY),
        (county, &of_township, ground.codes.1.as_str()),
        (hub, &of_county, ground.codes.0.as_str()),
        (county, &no_database, "不是同频的数据库"),
        (county, &damaged, "已损坏"),
        (county, &own, "正在使用的数据库"),
    ];
    for (bureau, file, word) in cases {
        let before = files(&bureau.data)?;
        let (code, _, said) = ended(&bureau.try_run(&["restore", file])?);
        assert!(code == 3 && said.contains(word) && said.contains("未作改动"), "{file}: {code} {said}");
        assert_eq!(files(&bureau.data)?, before, "{file}");
    }
    Ok(())
}

/// A database that a program has open is not replaced, whichever data folder that program was started with.
#[test]
fn in_use_elsewhere() -> Result<()> {
    let ground = Ground::found()?;
    let (hub, file) = (&ground.hub, ground.file("hub.sqlite"));
    hub.run(&["backup", &file])?;
    let other = Bureau::new(Program::Hub, ground.folder.path(), "other");
    std::fs::create_dir_all(other.data.join("identity"))?;
    for (path, content) in files(&hub.data.join("identity"))? {
        std::fs::write(other.data.join("identity").join(path.file_name().context("a name")?), content)?;
    }
    let path = text(&database(hub));
    let words = ["--json", "--database", &path, "serve", "--listen", "127.0.0.1:0", "--page", "127.0.0.1:0"];
    let child = other.prepared(&words)?.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let serving = Serving::started(child)?;
    let (code, _, said) = ended(&hub.try_run(&["restore", &file])?);
    assert!(code == 6 && said.contains("占用"), "{code} {said}");
    serving.answers()?;
    serving.stops()?;
    restore(hub, &file).map(drop)
}

/// Whoever put a backup in the place of the file by hand, with the old log beside it, is told so before SQLite reads
/// one over the other; `restore` then puts both aside and does it right.
#[test]
fn by_hand() -> Result<()> {
    let ground = Ground::found()?;
    let (hub, file) = (&ground.hub, ground.file("hub.sqlite"));
    let mut running = hub.serve()?;
    ground.publish("regions", "regions.csv")?;
    hub.run(&["backup", &file])?;
    ground.publish("indicators", "indicators.csv")?;
    running.kill();
    assert!(beside(&database(hub)).len() > 1, "the power was cut");
    std::fs::copy(&file, database(hub))?;
    let before = files(&hub.data)?;
    for command in ["status", "serve"] {
        let (code, _, said) = ended(&hub.try_run(&[command])?);
        assert!(code == 6 && said.contains("tongpin.sqlite-wal 属于先前的数据库"), "{code} {said}");
        assert!(said.contains("restore"), "{said}");
    }
    assert_eq!(files(&hub.data)?, before);
    let replaced = restore(hub, &file)?;
    assert_eq!(beside(&database(hub)), Vec::<PathBuf>::new());
    assert!(beside(&replaced).len() > 1, "the log stands aside with it");
    hub.serve()?.stop()?;
    assert_eq!(released(&database(hub))?, ["regions"]);
    Ok(())
}
