//! By files alone, from the first day to the worst one: joining without a network, and restored backups at both ends.

use anyhow::Result;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::tls::Clock;
use tongpin_link::{LinkError, bundle, downlink, recall, uplink};
use tongpin_store::{RECORDS, Store};
use tongpin_tests::inprocess::{Member, TestClock, region};

use crate::bundle::{down, parent_of, up, write_records};
use crate::craft::rows;

/// A node joins by carrying a request and its answer; repeating either is harmless, and a second node with the same
/// token is refused. What it then exchanges by files works like any other's.
#[tokio::test(flavor = "multi_thread")]
async fn joining_by_file() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "550100", &clock).await?;
    hub.publish("rules", &rows(5, "1")).await?;
    let token = hub.invite("550102").await?;
    let (home, thief) = (folder.path().join("550102"), folder.path().join("thief"));
    std::fs::create_dir_all(&home)?;
    std::fs::create_dir_all(&thief)?;
    let store = Store::open(&home.join("tongpin.sqlite").to_string_lossy()).await?;
    let keys = home.join("identity");

    let request = uplink::request_file(&keys, &token)?;
    assert!(downlink::enrol_by_file(&hub.site, &request[..request.len() / 2]).await.is_err(), "half a request");
    assert!(downlink::enrol_by_file(&hub.site, b"x").await.is_err(), "no request");
    let lost = downlink::enrol_by_file(&hub.site, &request).await?;
    let answer = downlink::enrol_by_file(&hub.site, &uplink::request_file(&keys, &token)?).await?;
    assert_ne!(lost, answer, "certified anew for the same keys");
    let stolen = downlink::enrol_by_file(&hub.site, &uplink::request_file(&thief, &token)?).await;
    assert!(stolen.expect_err("used").say(Lang::Zh).contains("已被使用"));
    let bad = uplink::accept_file(&store, &keys, &token, &answer[..answer.len() / 2], &clock).await;
    assert!(bad.is_err(), "half an answer");
    // The answer is of no use to whoever lacks the keys.
    let foreign = uplink::accept_file(&store, &thief, &token, &answer, &clock).await;
    assert!(matches!(foreign, Err(LinkError::Identity(_))), "{foreign:?}");
    let joined = uplink::accept_file(&store, &keys, &token, &answer, &clock).await?;
    assert_eq!(joined.parent.region, region("550100"));
    store.close().await;

    let county = Member::start(&home, None, &clock, "127.0.0.1:0").await?;
    assert_eq!(down(&hub, &county).await?.outcomes, ["目录 rules 已应用第 1 版"]);
    up(&county, &hub).await?;
    assert_eq!(hub.site.store.children().await?.len(), 1);
    Ok(())
}

/// A county and a township whose records went up once, and a copy of each database from before.
async fn exchanged(folder: &std::path::Path, city: &str, clock: &Clock) -> Result<(Member, Member, Member)> {
    let hub = Member::hub(folder, &format!("{city}00"), clock).await?;
    let county = Member::apart(folder, &format!("{city}02"), &hub, clock).await?;
    let town = Member::apart(folder, &format!("{city}02101"), &county, clock).await?;
    write_records(&town, 0, 3).await?;
    up(&town, &county).await?;
    down(&county, &town).await?;
    assert_eq!(town.site.store.acked(RECORDS).await?, 3);
    for member in [&county, &town] {
        member.site.store.backup_to(&member.folder().join("backup")).await?;
        image(member).await?;
    }
    write_records(&town, 3, 4).await?;
    up(&town, &county).await?;
    down(&county, &town).await?;
    assert_eq!(town.site.store.acked(RECORDS).await?, 7);
    assert_eq!(county.site.store.count_records("project").await?, 7);
    Ok((hub, county, town))
}

/// A copy as an image of the disk is one: nothing in it tells that it is a copy.
async fn image(member: &Member) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(member.folder().join("tongpin.sqlite"));
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let path = member.folder().join("image").to_string_lossy().into_owned();
    sqlx::query("VACUUM INTO $1").bind(path).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

async fn restored(member: Member, copy: &str, clock: &Clock) -> Result<Member> {
    let home = member.folder().to_owned();
    member.stop().await;
    for rest in ["tongpin.sqlite-wal", "tongpin.sqlite-shm"] {
        // They are there only if something was not written back yet.
        let _ = std::fs::remove_file(home.join(rest));
    }
    std::fs::copy(home.join(copy), home.join("tongpin.sqlite"))?;
    Member::start(&home, None, clock, "127.0.0.1:0").await
}

/// A parent restored from an old copy is sent again what it had acknowledged: its next file says what it has.
#[tokio::test(flavor = "multi_thread")]
async fn restored_parent() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    for (city, copy) in [("5502", "backup"), ("5503", "image")] {
        let (_hub, county, town) = exchanged(folder.path(), city, &clock).await?;
        let county = restored(county, copy, &clock).await?;
        assert_eq!(county.site.store.count_records("project").await?, 3);
        write_records(&town, 7, 1).await?;
        let gap = up(&town, &county).await?.outcomes;
        assert_eq!(gap, ["records：缺第 4 条，从第 8 条起未接收；请先导入较早的文件"]);
        down(&county, &town).await?;
        assert_eq!(up(&town, &county).await?.outcomes, ["records：已收到第 8 条"]);
        assert_eq!(county.site.store.count_records("project").await?, 8);
    }
    Ok(())
}

/// A child restored from an old copy sends everything again under a new incarnation: what it writes afterwards never
/// hides behind numbers that were used before. A backup knows that it is one; an image of the disk learns it from the
/// parent's next file.
#[tokio::test(flavor = "multi_thread")]
async fn restored_child() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    for (city, copy) in [("5504", "backup"), ("5505", "image")] {
        let (_hub, county, town) = exchanged(folder.path(), city, &clock).await?;
        let old = town.site.store.incarnation().await?;
        let old_file = bundle::for_parent(&town.site, &parent_of(&town).await?).await?;
        let town = restored(town, copy, &clock).await?;
        let told = down(&county, &town).await?.outcomes;
        assert_eq!(told.iter().any(|line| line.contains("旧备份")), copy == "image", "{told:?}");
        assert_ne!(town.site.store.incarnation().await?, old);
        write_records(&town, 90, 2).await?;
        assert_eq!(up(&town, &county).await?.outcomes, ["records：已收到第 5 条"], "{copy}");
        assert!(county.site.store.record("project", "P091").await?.is_some());
        let left_behind = county.site.store.left_behind(&town.site.region()).await?;
        let keys: Vec<&str> = left_behind.iter().map(|record| record.key.as_str()).collect();
        assert_eq!(keys, ["P003", "P004", "P005", "P006"], "written after the copy: shown, not lost");

        // A file of the replaced database rolls nothing back, and says what to do.
        let late = bundle::take(&county.site, None, &old_file).await.expect_err("replaced");
        assert!(late.say(Lang::Zh).contains("旧数据库") && late.say(Lang::Zh).contains("重新写出"), "{late}");
        let position = county.site.store.position(&town.site.region(), RECORDS).await?.map(|at| at.seq);
        assert_eq!(position, Some(5));
        // The next file tells the child what it lacks, which it takes back.
        let told = down(&county, &town).await?.outcomes;
        assert!(told.iter().any(|line| line.contains("缺 4 条、较旧 0 条")), "{told:?}");
        assert_eq!(recall::take_back(&town.site, "经办-001").await?, 4);
        up(&town, &county).await?;
        assert_eq!(county.site.store.left_behind(&town.site.region()).await?, []);
        assert_eq!(town.site.store.count_records("project").await?, 9);
    }
    Ok(())
}

/// An image of the disk that went on before any file of the parent came: its own records stand under the numbers of
/// those that the parent took, which takes nothing of its file and says why; then both keep everything.
#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_went_on() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let (_hub, county, town) = exchanged(folder.path(), "5506", &clock).await?;
    let town = restored(town, "image", &clock).await?;
    write_records(&town, 90, 5).await?;
    let forked = up(&town, &county).await.expect_err("taken under numbers of others");
    assert!(format!("{forked:#}").contains("sends another records 7"), "{forked:#}");
    assert!(county.site.store.record("project", "P094").await?.is_none(), "nothing of it was taken");
    let told = down(&county, &town).await?.outcomes;
    assert!(told.iter().any(|line| line.contains("旧备份")), "{told:?}");
    assert_eq!(up(&town, &county).await?.outcomes, ["records：已收到第 8 条"]);
    let keys: Vec<String> = (0..7).chain(90..95).map(|number| format!("P{number:03}")).collect();
    let held = county.site.store.records("project", Some(&town.site.region())).await?;
    assert_eq!(held.into_iter().map(|record| record.key).collect::<Vec<_>>(), keys);
    Ok(())
}
