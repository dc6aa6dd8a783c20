//! 分级填写: a township's document in which the county fills in fields of its own, on the page, through the API and in the
//! workbook; what it filled in comes down to the township with its verdict.

use tongpin_domain::form::{DOCUMENT, DOCUMENT_VERSION, FlowDuty, Given, VERDICTS, Verdict};
use tongpin_domain::moment::Moment;
use tongpin_store::{AuditDraft, Batch, Change, FormFilter, Put, RECORDS};

use super::ground::{Ground, Reader, Shown};
use super::{cells_of, hidden, retyped};
use crate::ops::forms;
use crate::ops::ground::{code, row};

const TOWN: &str = "320581101";
const AT: &str = "/forms/grant/320581101/2026-a";
const FORM: &str = r#"{"code":"grant","title":"资金安排表","subject":{"of":"region","per":"year","several":true},
    "fields":[{"name":"asked","title":"申请金额","kind":"money","required":true},
        {"name":"granted","title":"核定金额","kind":"money","required":true,"level":"county"},
        {"name":"cut","title":"核减金额","kind":"money","derived":{"difference":["asked","granted"]}},
        {"name":"roads","title":"路段","kind":"rows","fields":[
            {"name":"route","title":"路线","kind":"code"},
            {"name":"opinion","title":"县级意见","kind":"line","level":"county"}]}],
    "checks":[{"name":"more","when":{"field":"granted","above":"asked"},"then":"block","at":"granted",
        "says":"核定金额大于申请金额，请核对。"}]}"#;

fn body(state: &str) -> String {
    format!(
        r#"{{"form":"grant","publisher":"320500","release":1,"id":"2026-a","subject":"320581101",
            "subject_name":"虞山镇","period":"2026","version":1,"turn":1,"state":"{state}","given":{{"asked":"100.00",
            "roads":[{{"id":"n1","cells":{{"route":"Y001"}}}},{{"id":"n2","cells":{{"route":"Y002"}}}}]}},
            "filled_by":["乡镇经办"],"changed_at":1}}"#
    )
}

/// A county to which its township has sent a document.
async fn county(state: &str) -> Ground {
    let ground = Ground::new().await;
    ground.desk.publish("forms", "grant", FORM, 1).await;
    let body = Some(body(state));
    let change = Change { kind: DOCUMENT.into(), key: "grant/2026-a".into(), body, problem: None };
    let (town, changes) = (code(TOWN), [change]);
    let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
    ground.desk.store.accept_records(&batch).await.expect("taken");
    ground
}

/// Fills the county's part in, as the page was shown, with these fields beside.
async fn fill(reader: &Reader, fields: &[(&str, &str)]) -> Shown {
    let version = hidden(&reader.get(&format!("{AT}/edit")).await.text, "page-version");
    let all: Vec<(&str, &str)> = [("page-version", version.as_str())].iter().chain(fields).copied().collect();
    reader.post(&format!("{AT}/edit"), &all).await
}

async fn step(reader: &Reader, step: &str) -> Shown {
    let at = format!("{AT}/step/{step}");
    let version = hidden(&reader.get(&at).await.text, "version");
    reader.post(&at, &[("version", &version)]).await
}

async fn verdict(ground: &Ground) -> Option<Verdict> {
    let id = tongpin_domain::catalog::CatalogId::new(code("320581"), VERDICTS);
    let held = ground.desk.store.entry(&id, "320581101/grant/2026-a").await.expect("readable")?;
    Some(serde_json::from_str(&held.body).expect("a verdict"))
}

/// What the list shows of it: state, 核定金额, 核减金额.
async fn listed(ground: &Ground) -> (String, Vec<Option<String>>) {
    let form = forms::find(&ground.desk.store, "grant").await.expect("readable").expect("published");
    let (mut state, mut values) = (String::new(), Vec::new());
    let rows = ground.desk.store.documents_after(&form.definition, &FormFilter::default(), ("", ""), 9).await;
    for row in rows.expect("readable") {
        state = row.state;
    }
    let places = ["granted", "cut"];
    let read = |line: tongpin_store::FormLine| {
        values = line.values.into_iter().map(|value| value.map(|value| format!("{value:?}"))).collect();
    };
    ground.desk.store.form_rows("grant", None, &places, &FormFilter::default(), read).await.expect("readable");
    (state, values)
}

/// The county's clerk fills in what the county is asked for and nothing else; whoever filled it in does not approve;
/// without it nobody approves, and with it lists, page and verdict have both parts.
#[tokio::test]
async fn filled_in_at_the_county() {
    let ground = county("review").await;
    let (enters, approves, reads) =
        (ground.reader("enter").await, ground.reader("approve").await, ground.reader("read").await);
    let home = enters.get("/").await.text;
    assert!(home.contains("“资金安排表”1 份待填写本级内容或批复（财政审核）"), "{home}");
    let page = enters.get(AT).await.text;
    assert!(page.contains("填写本级内容") && !approves.get(AT).await.text.contains("填写本级内容"), "{page}");
    let edit = enters.get(&format!("{AT}/edit")).await.text;
    for there in
        ["name=\"granted\"", "name=\"roads.n1.opinion\"", "name=\"roads.n2.opinion\"", "只填写由县级财政填写的内容"]
    {
        assert!(edit.contains(there), "{there}: {edit}");
    }
    for not in ["name=\"asked\"", "name=\"roads.n1.route\"", "data-add=\"roads\"", "name=\"roads.n3.opinion\""] {
        assert!(!edit.contains(not), "{not}: {edit}");
    }
    // 审核 would bar itself from approving, and 查看 fills in nothing.
    assert_eq!(approves.get(&format!("{AT}/edit")).await.status, 403);
    assert_eq!(reads.get(&format!("{AT}/edit")).await.status, 403);
    let early = step(&approves, "approve").await;
    assert!(early.status == 422 && early.text.contains("必填项"), "{}", early.text);
    for at in [AT.to_owned(), format!("{AT}/step/approve")] {
        let page = approves.get(&at).await.text;
        assert!(page.contains("待本级经办填写：核定金额"), "who is to do what: {page}");
    }
    assert!(!page.contains("待本级经办填写"), "it is whoever reads: {page}");

    let unreadable = fill(&enters, &[("granted", "约八十万")]).await;
    assert!(unreadable.status == 422 && unreadable.text.contains("不是一个确定的数"), "{}", unreadable.text);
    assert!(verdict(&ground).await.is_none(), "nothing is kept of what cannot be read");
    // What is the township's stays, whatever is sent for it.
    let sent = [
        ("asked", "1"),
        ("granted", "80"),
        ("roads.rows", "n2,n9"),
        ("roads.n2.route", "X999"),
        ("roads.n2.opinion", "核减"),
        ("roads.n9.opinion", "多出一行"),
    ];
    assert_eq!(fill(&enters, &sent).await.status, 303);
    let kept = verdict(&ground).await.expect("published");
    let filled = kept.filled_into(1).cloned().expect("what was filled in");
    assert_eq!((kept.state.as_str(), kept.steps.len(), filled.version), ("review", 0, 1));
    assert_eq!(filled.given.get("granted"), Some(&Given::One("80.00".into())), "{filled:?}");
    let text = serde_json::to_string(&filled).expect("JSON");
    assert!(text.contains("核减") && !text.contains("X999") && !text.contains("多出一行"), "{text}");
    assert_eq!(filled.derived.get("cut").map(String::as_str), Some("20.00"), "{filled:?}");
    let page = enters.get(AT).await.text;
    assert!(page.contains("80.00") && page.contains("20.00") && page.contains("核减"), "{page}");
    let number = |text: &str| Some(format!("Number({text})"));
    assert_eq!(listed(&ground).await, ("review".to_owned(), vec![number("80.00"), number("20.00")]));
    let logged = ground.logged("document_save").await;
    assert!(logged.iter().any(|(who, what, _)| who == "enter" && what == "grant/2026-a"), "{logged:?}");

    // A page from before is told of what another saved; what contradicts the document keeps it back.
    let old = hidden(&edit, "page-version");
    let stale = enters.post(&format!("{AT}/edit"), &[("page-version", &old), ("granted", "70")]).await;
    assert!(stale.status == 409 && stale.text.contains("已有他人修改"), "{}", stale.text);
    assert_eq!(fill(&enters, &[("granted", "120")]).await.status, 303);
    assert_eq!(step(&approves, "approve").await.status, 422, "核定金额 is above 申请金额");
    assert_eq!(fill(&enters, &[("granted", "80")]).await.status, 303);
    // Whoever decides about what was read before is told, however short a while ago: as one of many at once.
    let read = forms::open(&ground.desk.store, "grant", &code(TOWN), "2026-a").await.expect("readable").expect("there");
    assert_eq!(fill(&enters, &[("granted", "60")]).await.status, 303);
    let person = tongpin_store::Person { name: "b".into(), account: "b".into() };
    let by = forms::Worker { person, duties: vec![FlowDuty::Approve], alone: false };
    let entry = AuditDraft {
        at: Moment(0),
        actor: "b",
        address: "",
        action: "document_step",
        subject: "",
        detail: "",
        allowed: true,
    };
    let late = forms::step(&ground.app, &read, &read.version(), "approve", "", &by, &entry).await;
    assert!(matches!(late, Err(forms::FormError::Changed)), "{late:?}");
    assert_eq!(fill(&enters, &[("granted", "80")]).await.status, 303);
    let done = step(&approves, "approve").await;
    assert_eq!(done.status, 303, "{}", done.text);
    let approved = verdict(&ground).await.expect("published");
    assert_eq!((approved.state.as_str(), approved.steps.len()), ("approved", 1));
    assert_eq!(approved.filled_into(1).map(|filled| &filled.given), Some(&filled.given));
    assert_eq!(listed(&ground).await, ("approved".to_owned(), vec![number("80.00"), number("20.00")]));
    assert_eq!(enters.get(&format!("{AT}/edit")).await.status, 409, "it is closed");
}

/// The same through the county's workbook: the township's cells are locked in it, the county's come back.
#[tokio::test]
async fn filled_in_as_a_workbook() {
    let ground = county("review").await;
    let enters = ground.reader("enter").await;
    assert_eq!(fill(&enters, &[("granted", "80")]).await.status, 303);
    let file = enters.file(&format!("{AT}/sheet.xlsx")).await;
    // 县级意见 stands beside the second road's code; 申请金额 is locked, and what is typed there is not looked at.
    let (name, [(row, column), (second, route), asked]) = cells_of(&file, ["80.00", "Y002", "100.00"]);
    let typed = [(row, column, "75"), (second, route + 1, "核减"), (asked.0, asked.1, "1")];
    let filled = retyped(&file, (&name, &name), &typed, |_| {});
    let done = enters.upload(&format!("{AT}/sheet"), &[], ("核定.xlsx", &filled)).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let kept = verdict(&ground).await.and_then(|it| it.filled_into(1).cloned()).expect("what was filled in");
    assert_eq!(kept.given.get("granted"), Some(&Given::One("75.00".into())), "{kept:?}");
    let text = serde_json::to_string(&kept.given).expect("JSON");
    assert!(text.contains("核减") && text.contains("n2") && !text.contains("asked"), "{text}");
    let page = enters.get(AT).await.text;
    assert!(page.contains("100.00") && page.contains("25.00"), "{page}");
    // What was written out before it was decided is not taken afterwards.
    assert_eq!(step(&ground.reader("approve").await, "approve").await.status, 303);
    let late = retyped(&file, (&name, &name), &[(row, column, "70")], |_| {});
    let refused = enters.upload(&format!("{AT}/sheet"), &[], ("核定.xlsx", &late)).await;
    assert!(refused.status == 422 && refused.text.contains("没有导入"), "{}", refused.text);
    let kept = verdict(&ground).await.and_then(|it| it.filled_into(1).cloned()).expect("what was filled in");
    assert_eq!(kept.given.get("granted"), Some(&Given::One("75.00".into())), "{kept:?}");
}

/// What a township's record says of the county's part, and what would follow from that, is not believed.
#[tokio::test]
async fn forged() {
    let ground = Ground::new().await;
    ground.desk.publish("forms", "grant", &FORM.replace(r#","required":true,"level""#, r#","level""#), 1).await;
    let forged = body("review")
        .replace(r#"{"asked":"100.00","#, r#"{"asked":"100.00","granted":"90.00","#)
        .replace(r#""changed_at":1"#, r#""derived":{"cut":"10.00"},"changed_at":1"#);
    assert!(forged.contains("90.00") && forged.contains("\"cut\""), "{forged}");
    let change = Change { kind: DOCUMENT.into(), key: "grant/2026-a".into(), body: Some(forged), problem: None };
    let (town, changes) = (code(TOWN), [change]);
    let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
    ground.desk.store.accept_records(&batch).await.expect("taken");
    let approves = ground.reader("approve").await;
    assert!(!approves.get(AT).await.text.contains("90.00"));
    let refused = step(&approves, "approve").await;
    assert!(refused.text.contains("核减金额") && refused.text.contains("不一致"), "{}", refused.text);
    assert!(verdict(&ground).await.is_none());
    assert_eq!(listed(&ground).await.1[0], None);
}

/// A township sees what the county filled in, fills in only its own, and keeps the county's part out of its record.
#[tokio::test]
async fn seen_at_the_township() {
    let ground = Ground::of(TOWN, "320581").await;
    ground.desk.publish("forms", "grant", FORM, 1).await;
    let own = code(TOWN);
    let records = [row(DOCUMENT, "grant/2026-a", Ok(body("draft")))];
    let put = Put { own: &own, records: &records, at: Moment(0), log: false };
    ground.desk.store.put_records(&put).await.expect("writable");
    let document: tongpin_domain::form::Document = serde_json::from_str(&body("draft")).expect("a document");
    let verdict = format!(
        r#"{{"document":"grant/2026-a","author":"{TOWN}","turn":1,"content":"{}","state":"draft","steps":[],
            "filled":[{{"version":1,"given":{{"asked":"1.00","granted":"80.00","roads":[
                {{"id":"n2","cells":{{"opinion":"核减","route":"X999"}}}}]}},"derived":{{"cut":"20.00"}},"by":["a"]}}]}}"#,
        document.content()
    );
    ground.desk.publish_by("320581", VERDICTS, &format!("{TOWN}/grant/2026-a"), &verdict, 1).await;
    let enters = ground.reader("enter").await;
    let page = enters.get(AT).await.text;
    assert!(page.contains("80.00") && page.contains("核减") && page.contains("20.00"), "{page}");
    assert!(page.contains("100.00") && !page.contains("X999"), "the county does not write over it: {page}");
    let edit = enters.get(&format!("{AT}/edit")).await.text;
    assert!(edit.contains("name=\"asked\"") && !edit.contains("name=\"granted\""), "{edit}");
    let sent = [("asked", "70"), ("granted", "70"), ("roads.n2.opinion", "同意"), ("roads.rows", "n1,n2")];
    assert_eq!(fill(&enters, &sent).await.status, 303);
    let page = enters.get(AT).await.text;
    assert!(page.contains("70.00") && page.contains("80.00") && page.contains("核减"), "{page}");
    let held = ground.desk.store.records_at(DOCUMENT, tongpin_store::Keys::One("grant/2026-a")).await;
    let body = &held.expect("readable")[0].body;
    assert!(body.contains("70") && !body.contains("granted") && !body.contains("核减"), "{body}");
    assert!(!body.contains("\"cut\""), "what follows from both is no figure of the township's: {body}");
    // What the county granted before contradicts it now, and is the county's to correct: the township hands it on.
    assert!(page.contains("核定金额大于申请金额"), "{page}");
    let done = step(&enters, "submit").await;
    assert_eq!(done.status, 303, "{}", done.text);
}

/// An earlier version has what the county filled into it, on its page and in its workbook, as the county's verdict has
/// it and not as the township says.
#[tokio::test]
async fn earlier_versions() {
    let ground = Ground::of(TOWN, "320581").await;
    ground.desk.publish("forms", "grant", FORM, 1).await;
    let own = code(TOWN);
    let before = body("approved").replace(r#"{"asked":"100.00","#, r#"{"asked":"100.00","granted":"99.00","#);
    let now = body("draft").replace(r#""version":1"#, r#""version":2"#);
    let records = [row(DOCUMENT, "grant/2026-a", Ok(now)), row(DOCUMENT_VERSION, "grant/2026-a/1", Ok(before))];
    let put = Put { own: &own, records: &records, at: Moment(0), log: false };
    ground.desk.store.put_records(&put).await.expect("writable");
    let verdict = format!(
        r#"{{"document":"grant/2026-a","author":"{TOWN}","turn":0,"content":"{}","state":"approved","steps":[
            {{"step":"approve","from":"review","to":"approved","region":"320581","account":"b","by":"b","at":1,
              "version":1}}],
            "filled":[{{"version":1,"given":{{"granted":"80.00"}},"derived":{{"cut":"20.00"}},"by":["a"]}}]}}"#,
        tongpin_domain::digest::Digest::NONE
    );
    ground.desk.publish_by("320581", VERDICTS, &format!("{TOWN}/grant/2026-a"), &verdict, 1).await;
    let enters = ground.reader("enter").await;
    let page = enters.get(&format!("{AT}/versions/1")).await.text;
    assert!(page.contains("80.00") && page.contains("20.00") && !page.contains("99.00"), "{page}");
    let file = enters.file(&format!("{AT}/versions/1/sheet.xlsx")).await;
    cells_of(&file, ["80.00", "20.00"]);
    let page = enters.get(AT).await.text;
    assert!(!page.contains("80.00") && page.contains("第 2 版"), "it is asked anew of the next: {page}");
}
