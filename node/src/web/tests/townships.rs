//! The county's page about its townships: inviting, what they sent and what is late, cutting off. The clock of the
//! ground stands at 15 January 2027, when December is past its day.

use tongpin_domain::lang::Lang;
use tongpin_store::{Batch, Change, RECORDS, Twin};

use super::ground::{Ground, Reader};
use crate::command::doctor::twins;
use crate::ops::ground::code;

const TOWN: &str = "320581101";
const INVITATION: [(&str, &str); 3] = [("region", TOWN), ("address", "10.1.2.3:7402"), ("days", "7")];

/// A county whose township has one project, reported for November and not for December, and one record that is none.
async fn county() -> (Ground, Reader) {
    let ground = Ground::new().await;
    let project = r#"{"project_code":"T1","project_name":"<i>卫生院","fiscal_year":2026,"region_code":"320581101","budget_adjusted":"1000000","executed":"900000"}"#;
    // Reported on 2026-12-05, which is in time.
    let november = r#"{"project_code":"T1","year":2026,"month":11,"spent":"900000","reported_at":1796400000000,"changed_at":1796400000000}"#;
    let change = |kind: &str, key: &str, body: &str| Change {
        kind: kind.into(),
        key: key.into(),
        body: Some(body.into()),
        problem: None,
    };
    let broken = Change { problem: Some("内容不是 UTF-8 文本".into()), ..change("project", "T9", "?") };
    let changes = [
        change("project", "T1", project),
        change("observation", "T1/2026-11", november),
        change("observation", "T1/2026-10", "{}"),
        broken,
    ];
    let town = code(TOWN);
    let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
    ground.desk.store.accept_records(&batch).await.expect("taken");
    let system = ground.reader("system").await;
    assert_eq!(system.post("/townships/invite", &INVITATION).await.status, 303);
    (ground, system)
}

/// Only the system administrator invites; what is wrong is said at its field; the token is shown once, as text and as
/// a picture, and is in no log.
#[tokio::test]
async fn inviting() {
    let ground = Ground::new().await;
    let system = ground.reader("system").await;
    let empty = system.get("/townships").await.text;
    assert!(empty.contains("还没有乡镇加入") && empty.contains("action=\"/townships/invite\""));
    for (region, address, days, said) in [
        ("32058", "10.1.2.3:7402", "7", "应为 9 位区划代码"),
        ("320582101", "10.1.2.3:7402", "7", "不在本级 320581 的辖区之内"),
        (TOWN, "10.1.2.3:7402", "99", "1 至 30 天"),
        (TOWN, "nowhere", "7", "nowhere"),
    ] {
        let fields = [("region", region), ("address", address), ("days", days)];
        let answer = system.post("/townships/invite", &fields).await;
        assert!(answer.status == 422 && answer.text.contains(said), "{said}: {}", answer.text);
        assert!(answer.text.contains(&format!("value=\"{address}\"")), "{said}");
        assert!(answer.text.contains(r#"action="/townships" role="search""#), "{}", answer.text);
    }
    assert!(ground.desk.store.children().await.expect("readable").is_empty());
    let made = system.post("/townships/invite", &INVITATION).await;
    assert_eq!((made.status, made.location.as_str()), (303, "/townships/invite"), "{}", made.text);
    let sheet = system.get(&made.location).await;
    let token = sheet.text.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).expect("a token");
    assert!(token.starts_with("TP1-") && sheet.text.contains("<svg") && sheet.text.contains("data-print"));
    let again = system.get(&made.location).await;
    assert!(again.status == 200 && !again.text.contains("TP1-") && again.text.contains("只在生成后显示一次"));
    let logged = ground.logged("node_invite").await;
    assert!(logged.iter().any(|(who, whom, _)| who == "system" && whom == TOWN));
    assert!(logged.iter().all(|(_, _, detail)| !detail.contains("TP1-")));
    assert!(system.get("/townships").await.text.contains("已邀请，未加入"));
    let asked = system.get(&format!("/townships?region={TOWN}")).await.text;
    // Only the choice of the language leads back to the same.
    assert!(
        asked.contains("value=\"320581101\"") && asked.matches("?region=").count() == 1,
        "it is asked once: {asked}"
    );

    let enters = ground.reader("enter").await;
    let seen = enters.get("/townships").await;
    assert!(seen.status == 200 && !seen.text.contains("action=\"/townships/invite\""));
    assert_eq!(enters.post("/townships/invite", &INVITATION).await.status, 403);
    assert_eq!(ground.reader("audit").await.get("/townships").await.status, 403);
}

/// Once divisions are published, a township that none of them is does not get a token, and the likely one is named.
#[tokio::test]
async fn only_published_townships() {
    let ground = Ground::new().await;
    let division = |code: &str, name: &str, above: &str| {
        format!(
            r#"{{"code":"{code}","name":"{name}","level":"乡镇","parent_code":"{above}","mof_div_code":"","kind":"","alias_codes":[],"note":""}}"#
        )
    };
    ground.desk.publish("regions", TOWN, &division(TOWN, "虞山镇", "320581"), 1).await;
    let system = ground.reader("system").await;
    let refused = system.post("/townships/invite", &[("region", "320581109"), INVITATION[1], INVITATION[2]]).await;
    assert!(refused.status == 422 && refused.text.contains("320581101 虞山镇"), "{}", refused.text);
    assert!(ground.desk.store.children().await.expect("readable").is_empty());
    assert_eq!(system.post("/townships/invite", &INVITATION).await.status, 303);
}

/// The list counts what came and what is late; the township's own page shows its months, and what was set aside and
/// why. Names are text.
#[tokio::test]
async fn what_they_sent() {
    let (ground, _) = county().await;
    let reader = ground.reader("read").await;
    let list = reader.get("/townships").await.text;
    assert!(list.contains("0 / 1 逾期") && list.contains("2026 年 12 月"), "{list}");
    let file = reader.get("/townships?format=csv").await.text;
    assert!(file.contains("320581101,320581101,") && file.contains(",0 / 1 逾期,2,"), "{file}");
    let page = reader.get(&format!("/townships/{TOWN}")).await.text;
    assert!(page.contains("&lt;i&gt;卫生院") && !page.contains("<i>卫"));
    // 900,000 of 1,000,000 by the end of November: 90 % over 11/12 of the year is 98.2 %.
    assert!(page.contains("绿灯") && page.contains("98.2 %") && page.contains("有 11 项"), "{page}");
    // One project and one report are sound, and one of each is not.
    let counted = |kind: &str| format!("{kind}</th><td class=\"number\">1</td><td class=\"number\">1</td>");
    assert!(page.contains(&counted("项目")) && page.contains(&counted("按月填报")), "{page}");
    assert!(page.contains("内容不是 UTF-8 文本") && page.contains("内容无法识别") && page.contains("第 4 条变更"));
    let project = reader.get("/projects/T1").await.text;
    assert!(
        project.contains("按月填报") && project.contains("2026-11") && project.contains(">900,000.00<"),
        "{project}"
    );
    let months = format!("/townships/{TOWN}?year=2026");
    assert!(reader.get(&format!("{months}&q=none")).await.text.contains("没有符合条件的项目"));
    let open = reader.get(&format!("{months}&state=open")).await.text;
    assert!(
        open.contains("&lt;i&gt;卫生院") && open.contains("去掉条件 只看 2026 年 12 月未报的"),
        "December is missing"
    );
    assert!(reader.get("/townships?q=none").await.text.contains("没有符合条件的乡镇"));
    let file = reader.get(&format!("{months}&format=csv&column=code&column=budget&column=m11&column=m12")).await.text;
    assert_eq!(file.lines().nth(1), Some("<i>卫生院,T1,1000000.00,绿灯 98.2 %,逾期"), "{file}");
    let told = (String::from("read"), TOWN.to_owned(), String::from("1 个项目的各月填报"));
    assert_eq!(ground.logged("project_export").await, [told]);
    assert_eq!(reader.get("/townships/320581102").await.status, 404);
    assert_eq!(reader.get("/townships/x").await.status, 404);
}

/// Records are counted a moment after they came: what is not counted yet is not told as nothing.
#[tokio::test]
async fn not_counted_yet() {
    let ground = Ground::new().await;
    let system = ground.reader("system").await;
    assert_eq!(system.post("/townships/invite", &INVITATION).await.status, 303);
    let address = format!("/townships/{TOWN}");
    let store = &ground.desk.store;
    ground.app.statistics.follow(store, None).await.expect("readable");
    assert!(system.get(&address).await.text.contains("还没有收到数据"));
    let watch = store.watch(|_| true);
    let project = r#"{"project_code":"T1","project_name":"y","fiscal_year":2026,"region_code":"320581101"}"#;
    let change = Change { kind: "project".into(), key: "T1".into(), body: Some(project.into()), problem: None };
    let town = code(TOWN);
    let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &[change] };
    store.accept_records(&batch).await.expect("taken");
    let page = system.get(&address).await.text;
    assert!(page.contains("正在统计") && !page.contains("还没有收到数据"), "{page}");
    ground.app.statistics.follow(store, Some(&watch.take())).await.expect("readable");
    let page = system.get(&address).await.text;
    assert!(page.contains("<td class=\"number\">1</td>") && !page.contains("正在统计"), "{page}");
}

/// In January the new year's list asks for January, and not for a December that has not begun; that of a year to come
/// asks for no month. Whoever may not open projects is given their names alone.
#[tokio::test]
async fn months_that_have_begun() {
    let (ground, system) = county().await;
    let changes: Vec<Change> = [2027, 2028]
        .map(|year| {
            let body = format!(
                r#"{{"project_code":"Y{year}","project_name":"y","fiscal_year":{year},"region_code":"320581101"}}"#
            );
            Change { kind: "project".into(), key: format!("Y{year}"), body: Some(body), problem: None }
        })
        .into();
    let town = code(TOWN);
    let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 5, changes: &changes };
    ground.desk.store.accept_records(&batch).await.expect("taken");
    let address = format!("/townships/{TOWN}");
    let of = async |year: i32| system.get(&format!("{address}?year={year}&state=open")).await.text;
    assert!(of(2026).await.contains("只看 2026 年 12 月未报的"));
    let present = of(2027).await;
    assert!(present.contains("只看 2027 年 1 月未报的") && present.contains(">y<"), "{present}");
    let ahead = of(2028).await;
    assert!(!ahead.contains("只看") && ahead.contains(">y<"), "{ahead}");
    assert!(!present.contains("href=\"/projects/"), "{present}");
    assert!(ground.reader("read").await.get(&address).await.text.contains("href=\"/projects/Y2027\""));
}

/// A second machine with a township's identity is named by the county's `doctor`, with where it called from and what to
/// do, as long as it calls.
#[tokio::test]
async fn a_second_machine() {
    let (ground, _) = county().await;
    let (app, town) = (&ground.app, code(TOWN));
    assert_eq!(twins(app, Lang::Zh).await, []);
    let now = app.site.now();
    app.store().note_twin(&town, &Twin { at: now, address: "10.9.8.7".into() }).await.expect("writable");
    let checks = twins(app, Lang::Zh).await;
    assert!(checks.len() == 1 && checks[0].detail.contains("10.9.8.7") && checks[0].advice.is_some(), "{checks:?}");
    let long_ago = Twin { at: now.plus_seconds(-3_600), address: "10.9.8.7".into() };
    app.store().note_twin(&town, &long_ago).await.expect("writable");
    assert_eq!(twins(app, Lang::Zh).await, []);
}

/// A township is cut off with a reason and on purpose, and can be invited again.
#[tokio::test]
async fn cutting_off() {
    let (ground, system) = county().await;
    let address = format!("/townships/{TOWN}/revoke");
    let enters = ground.reader("enter").await;
    let all = [("reason", "设备遗失"), ("sure", "1")];
    assert_eq!(enters.post(&address, &all).await.status, 403);
    let unsure = system.post(&address, &all[..1]).await;
    assert!(unsure.status == 422 && unsure.text.contains("请勾选“确认”") && unsure.text.contains("value=\"设备遗失\""));
    let done = system.post(&address, &all).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let done = system.get(&done.location).await;
    assert!(done.text.contains("已吊销") && done.text.contains("重新邀请"), "{}", done.text);
    assert_eq!(ground.logged("node_revoke").await, [("system".into(), TOWN.into(), "设备遗失".into())]);
    let again = system.post("/townships/invite", &INVITATION).await;
    assert_eq!(again.status, 303, "{}", again.text);
    let again = system.get(&again.location).await.text;
    assert!(again.contains("该单位以前加入过"), "{again}");
}
