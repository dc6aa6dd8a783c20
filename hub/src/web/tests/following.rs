//! Shows how the city follows a collection: who is reminded and what of it stays on the page, and reports that count
//! only once an officer has accepted them.

use tongpin_domain::catalog::Audience;
use tongpin_domain::collection::Accepting;
use tongpin_domain::guidance::{NOTICES, Notice};
use tongpin_store::Verdict;

use super::counties::{County, code, report, sample, scored};
use super::*;

const PAGE: &str = "/collections/county-scores";

/// The notices that remind, with whom they are for.
async fn reminders(ground: &Ground) -> Vec<(String, Notice)> {
    let entries = ground.app.store().entries(&ground.app.catalog(NOTICES)).await.expect("readable");
    let read = |entry: &tongpin_domain::catalog::Entry| {
        assert_ne!(entry.audience, Audience::Everyone);
        (entry.audience.to_string(), serde_json::from_str(&entry.body).expect("JSON"))
    };
    entries.iter().map(read).collect()
}

/// Who publishes sees whom a reminder would reach and in which words, and sends it once it is meant; each of those gets
/// one, and the page says when. Within a day the same one is not reminded again without saying so, and whoever has
/// reported not at all.
#[tokio::test]
async fn reminding() {
    let ground = Ground::new().await;
    ground.guided(&[("county-scores.toml", sample("collections/county-scores.toml"))]).await;
    let (asked, region) = (ground.collection("county-scores").await, code("320581"));
    let county = County::join(&ground, &region).await;
    county.reports(&ground, &report(&asked, &region, &scored()[&region])).await;
    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    let clerk = ground.reader("jingban", &[Duty::Approve, Duty::Read]).await;
    let remind = format!("{PAGE}/remind");
    assert!(!clerk.open(PAGE).await.1.contains(&remind));
    assert_eq!((clerk.open(&remind).await.0, clerk.send(&remind, &[("sure", "1")]).await.0), (403, 403));

    let (_, shown) = publisher.open(PAGE).await;
    assert!(shown.contains("催报（9 个未报单位）") && shown.contains("/remind?to=320582"), "{shown}");
    assert!(!shown.contains("/remind?to=320581"), "it has reported");
    let (status, shown) = publisher.open(&format!("{remind}?to=320582")).await;
    assert!(status == 200 && shown.contains("尚未发出") && shown.contains("节点未加入，收不到"), "{shown}");
    assert!(shown.contains("（期间 2024，截止 2025-03-31，已过截止日期）"), "{shown}");
    assert_eq!(shown.matches("name=\"to\"").count(), 9);
    assert_eq!(shown.matches(" checked").count(), 1, "only who was chosen: {shown}");
    let both = [("to", "320582"), ("to", "320583"), ("to", "320581"), ("note", "请于周五前报。<b>"), ("sure", "1")];
    let (status, shown) = publisher.send(&remind, &both[..4]).await;
    assert!(status == 422 && shown.contains("请勾选“确认”") && shown.contains("请于周五前报。&lt;b&gt;"), "{shown}");
    let (status, shown) = publisher.send(&remind, &both[2..]).await;
    assert!(status == 422 && shown.contains("请至少勾选一个未报的单位"), "{shown}");
    assert!(reminders(&ground).await.is_empty());

    let (status, shown) = publisher.send(&remind, &both).await;
    assert!(status == 303 && shown.contains("已催报 2 个单位"), "{shown}");
    let sent = reminders(&ground).await;
    assert_eq!(sent.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["320582", "320583"]);
    let notice = &sent[0].1;
    assert_eq!((notice.reminds.as_deref(), notice.by.as_str()), (Some("county-scores"), "fabu岗（fabu）"));
    assert!(notice.title.starts_with("催报：2024年度") && notice.text.ends_with("\n请于周五前报。<b>"), "{notice:?}");
    let row = |page: &str, name: &str| {
        let rest = page.split(&format!("<th scope=\"row\">{name}</th>")).nth(1).expect("a row");
        rest.split("</tr>").next().unwrap_or_default().to_owned()
    };
    let (_, shown) = clerk.open(PAGE).await;
    let ago = |name: &str| row(&shown, name).rsplit("<td>").next().unwrap_or_default().to_owned();
    assert!(!ago("张家港市").starts_with('—') && ago("昆山市") == ago("张家港市"), "{shown}");
    assert!(ago("太仓市").starts_with('—'));

    let (_, shown) = publisher.open(&remind).await;
    assert!(shown.contains("一天之内已催报过的也再催一次"), "{shown}");
    let again = [("to", "320582"), ("to", "320585"), ("sure", "1")];
    let (status, shown) = publisher.send(&remind, &again).await;
    assert!(status == 422 && shown.contains("张家港市一天之内已催报过"), "{shown}");
    assert_eq!(reminders(&ground).await.len(), 2);
    let (status, _) = publisher.send(&remind, &[&again[..], &[("again", "1")]].concat()).await;
    assert_eq!((status, reminders(&ground).await.len()), (303, 4));
    let logged = ground.logged("collection_remind").await;
    let expected = ["张家港市、昆山市，第 1 版", "张家港市、太仓市，第 2 版"];
    assert_eq!(logged.iter().map(|it| (it.1.as_str(), it.2)).collect::<Vec<_>>(), expected.map(|it| (it, true)));

    assert_eq!(clerk.send(&format!("{PAGE}/close"), &[("reason", "到期"), ("sure", "1")]).await.0, 303);
    assert!(!publisher.open(PAGE).await.1.contains("/remind"));
    let (status, shown) = publisher.send(&remind, &[("to", "320585"), ("sure", "1"), ("again", "1")]).await;
    assert!(status == 422 && shown.contains("已关闭"), "{shown}");
    assert_eq!(reminders(&ground).await.len(), 4);
}

/// A report to a collection that a person accepts stands first on the city's page, is named as waiting and neither as
/// missing nor as nothing, and counts once it was accepted; that needs the duty, is meant, is logged, and happens once.
#[tokio::test]
async fn reviewed_by_an_officer() {
    let ground = Ground::new().await;
    let review = format!("accepting = \"by_review\"\n{}", sample("collections/county-scores.toml"));
    ground.guided(&[("county-scores.toml", review)]).await;
    let (asked, region) = (ground.collection("county-scores").await, code("320581"));
    assert_eq!(asked.accepting, Accepting::ByReview);
    let county = County::join(&ground, &region).await;
    let projects = scored().remove(&region).expect("projects");
    let first = report(&asked, &region, &projects);
    county.reports_as(&ground, &first, Verdict::Received).await;
    let officer = ground.reader("shenhe", &[Duty::Approve]).await;
    let reader = ground.reader("chakan", &[Duty::Read]).await;

    let (_, home) = officer.open("/").await;
    let place = |text: &str| home.find(text).unwrap_or_else(|| unreachable!("{text} is not on {home}"));
    assert!(place("有 1 份上报待审核：常熟市") < place("已过截止日期"), "{home}");
    assert!(home.contains("href=\"/collections/county-scores/reports/320581\">去审核"), "{home}");
    assert!(home.contains("应报 1，已报 0，<span class=\"mark warn\">待审核 1</span>"), "{home}");
    assert!(officer.open("/nodes/320581").await.1.contains("已收，待审核"));
    assert!(officer.open("/collections?state=awaiting").await.1.contains(PAGE));
    let (_, shown) = officer.open(PAGE).await;
    assert!(
        shown.contains("应报 10 个，已报 0 个，已收待审核：常熟市，逾期未报：") && shown.contains("人工审核"),
        "{shown}"
    );
    assert!(shown.contains("<td>已收待审核</td>"), "the roll-up names it: {shown}");
    let named = |page: &str| page.contains(">320581</td><td><span");
    assert!(named(&officer.open(&format!("{PAGE}?state=awaiting")).await.1), "{shown}");
    assert!(!named(&officer.open(&format!("{PAGE}?state=missing")).await.1));
    let (_, league) = officer.open("/analysis/county-scores").await;
    assert!(league.contains("已收待审核") && !league.contains("<td>尚无上报</td><td><a"), "{league}");
    assert!(officer.open("/analysis/county-scores/explain?figure=320581").await.1.contains("待审核，暂无数字"));

    let page = format!("{PAGE}/reports/320581");
    assert!(!reader.open(&page).await.1.contains("审核通过</button>"));
    let (accept, one) = (format!("{PAGE}/accept"), [("report", "320581/1"), ("sure", "1")]);
    assert_eq!(reader.send(&accept, &one).await.0, 403);
    let (_, shown) = officer.open(&page).await;
    assert!(shown.contains("审核通过后才计入汇总") && shown.contains("第 1 次上报已收，待审核"), "{shown}");
    assert!(shown.contains("name=\"report\" value=\"320581/1\"") && shown.contains("退回这份上报"));
    assert_eq!(officer.send(&accept, &one[..1]).await.0, 422);
    assert_eq!(officer.send(&accept, &[("report", "320582/1"), one[1]]).await.0, 422);
    let (status, shown) = officer.send(&accept, &one).await;
    assert!(status == 303 && shown.contains("已通过，计入汇总") && shown.contains("已报（迟报）"), "{shown}");
    let (status, shown) = officer.send(&accept, &one).await;
    assert!(status == 422 && shown.contains("已接收，无需再审"), "{shown}");
    assert!(officer.open(&page).await.1.contains("第 1 次上报已接收"));
    let (_, home) = officer.open("/").await;
    assert!(!home.contains("份上报待审核") && home.contains("应报 1，已报 1，其中迟报 1"), "{home}");
    let tile = home.split("常熟市</strong>").nth(1).and_then(|rest| rest.split("</a>").next()).expect("its tile");
    assert!(!tile.contains("mark bad") && !tile.contains("mark warn"), "late is a fact: {tile}");

    // A correction waits while the accepted one goes on counting; given back it is not accepted any more.
    let mut second = report(&asked, &region, &projects[1..]);
    let held = ground.app.store().received_all("county-scores").await.expect("readable");
    (second.revision, second.replaces) = (2, held[0].digest);
    county.reports_as(&ground, &second, Verdict::Received).await;
    let (_, shown) = officer.open(PAGE).await;
    assert!(shown.contains("已报，更正待审核") && shown.contains("已报 1 个，已收待审核：常熟市"), "{shown}");
    assert!(officer.open(&format!("{page}?revision=1")).await.1.contains("汇总仍用这一次的数"));
    let back = [("report", "320581/2"), ("reason", "少了项目"), ("sure", "1")];
    assert_eq!(officer.send(&format!("{PAGE}/return"), &back).await.0, 303);
    let (status, shown) = officer.send(&accept, &[("report", "320581/2"), one[1]]).await;
    assert!(status == 422 && shown.contains("已退回，不能再通过"), "{shown}");
    let logged: Vec<_> = ground.logged("report_accept").await.into_iter().map(|it| (it.0, it.2)).collect();
    let done = [false, true, false, false].map(|done| ("shenhe".to_owned(), done));
    assert_eq!(logged, done);
}

/// What the check returned does not hide the report that waits: it stays the one that the pages offer. Once the
/// collection is closed it must be opened again first, and nobody is sent to it before that.
#[tokio::test]
async fn the_check_returned_a_later_one() {
    let ground = Ground::new().await;
    let review = format!("accepting = \"by_review\"\n{}", sample("collections/county-scores.toml"));
    ground.guided(&[("county-scores.toml", review)]).await;
    let (asked, region) = (ground.collection("county-scores").await, code("320581"));
    let county = County::join(&ground, &region).await;
    let first = report(&asked, &region, &scored()[&region]);
    county.reports_as(&ground, &first, Verdict::Received).await;
    let held = ground.app.store().received_all("county-scores").await.expect("readable");
    let second = tongpin_domain::report::Report { revision: 2, replaces: held[0].digest, ..first };
    county.reports_as(&ground, &second, Verdict::Returned).await;
    let officer = ground.reader("shenhe", &[Duty::Approve]).await;

    let (_, home) = officer.open("/").await;
    assert!(home.contains("有 1 份上报待审核：常熟市") && !home.contains("已退回、尚未重报"), "{home}");
    assert!(officer.open("/nodes/320581").await.1.contains("已收，待审核"));
    let (_, shown) = officer.open(PAGE).await;
    assert!(shown.contains("已收，待审核") && shown.contains("关闭后须重新开放才能通过：常熟市"), "{shown}");
    assert_eq!(shown.matches("<option value=\"320581/").count(), 1, "what waits can be given back: {shown}");
    assert!(shown.contains("<option value=\"320581/1\">"), "{shown}");
    let page = format!("{PAGE}/reports/320581");
    assert!(officer.open(&page).await.1.contains("name=\"report\" value=\"320581/1\""));

    let (accept, one) = (format!("{PAGE}/accept"), [("report", "320581/1"), ("sure", "1")]);
    let why = [("reason", "到期"), ("sure", "1")];
    assert_eq!(officer.send(&format!("{PAGE}/close"), &why).await.0, 303);
    assert!(!officer.open("/").await.1.contains("份上报待审核"));
    assert!(!officer.open(PAGE).await.1.contains("去审核"));
    assert!(officer.open(&page).await.1.contains("请先写明原因重新开放"));
    let (status, shown) = officer.send(&accept, &one).await;
    assert!(status == 422 && shown.contains("已关闭，不能审核通过；请先写明原因重新开放"), "{shown}");
    assert_eq!(officer.send(&format!("{PAGE}/reopen"), &why).await.0, 303);
    assert_eq!(officer.send(&accept, &one).await.0, 303);
    let logged: Vec<bool> = ground.logged("report_accept").await.into_iter().map(|it| it.2).collect();
    assert_eq!(logged, [false, true]);
}

/// A node that joined before its division got a new code is reminded under the code of its certificate, stands on the
/// page under the new one, and its report is accepted by either.
#[tokio::test]
async fn under_a_former_code() {
    let ground = Ground::new().await;
    let review = format!("accepting = \"by_review\"\n{}", sample("collections/county-scores.toml"));
    ground.guided(&[("county-scores.toml", review)]).await;
    let (former, region) = (code("320571"), code("320576"));
    let hour = std::time::Duration::from_hours(1);
    let invited = tongpin_link::downlink::invite(&ground.app.site, &former, "10.0.0.1:7401", hour, "经办-001");
    invited.await.expect("invited");
    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    let officer = ground.reader("shenhe", &[Duty::Approve]).await;
    let remind = format!("{PAGE}/remind");
    assert_eq!(publisher.send(&remind, &[("to", "320576"), ("sure", "1")]).await.0, 303);
    let sent = reminders(&ground).await;
    assert_eq!(sent.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["320571"]);
    let (status, shown) = publisher.send(&remind, &[("to", "320576"), ("sure", "1")]).await;
    assert!(status == 422 && shown.contains("苏州工业园区一天之内已催报过"), "{shown}");

    let asked = ground.collection("county-scores").await;
    let county = County::join(&ground, &former).await;
    county.reports_as(&ground, &report(&asked, &former, &scored()[&region]), Verdict::Received).await;
    let accept = [("report", "320576/1"), ("sure", "1")];
    let (status, shown) = officer.send(&format!("{PAGE}/accept"), &accept).await;
    assert!(status == 303 && shown.contains("已通过，计入汇总"), "{shown}");
    let back = [("report", "320576/1"), ("reason", "少了项目"), ("sure", "1")];
    assert_eq!(officer.send(&format!("{PAGE}/return"), &back).await.0, 303);
}

/// Who accepts is chosen when a collection is made, shown before it is opened, and kept when another is made from it.
#[tokio::test]
async fn chosen_when_it_is_made() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let officer = ground.reader("fabu", &[Duty::Publish]).await;
    let (_, shown) = clerk.open("/collections/new?template=county-scores").await;
    assert!(shown.contains("<option value=\"by_check\" selected") && shown.contains("选人工审核的"), "{shown}");
    let form = [
        ("base", "county-scores"),
        ("id", "reviewed"),
        ("title", "自评得分"),
        ("period", "2025"),
        ("due", "2099-03-31"),
        ("scope", "all"),
        ("smallest", "1"),
        ("accepting", "by_review"),
    ];
    let (_, shown) = clerk.send("/collections/new/preview", &form).await;
    assert!(shown.contains("接收方式：人工审核"), "{shown}");
    assert_eq!(clerk.send("/collections/new", &form).await.0, 303);
    let (_, shown) = officer.open("/collections/draft").await;
    assert!(shown.contains("接收方式：人工审核"), "{shown}");
    let draft = shown.split("name=\"draft\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    officer.send("/collections/draft/open", &[("draft", draft.expect("a draft")), ("sure", "1")]).await;
    assert_eq!(ground.collection("reviewed").await.accepting, Accepting::ByReview);
    let (_, shown) = clerk.open("/collections/new?from=reviewed").await;
    assert!(shown.contains("<option value=\"by_review\" selected"), "{shown}");
}
