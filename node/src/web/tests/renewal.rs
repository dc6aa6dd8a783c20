//! A document that was begun under one release of its form moves to the next by a step that shows what changes, and
//! stays readable as it was.

use serde_json::{Value, json};
use tongpin_console::workbook::Book;
use tongpin_domain::form::{DOCUMENT, DOCUMENT_VERSION, Definition, Document};
use tongpin_store::{Batch, Change, RECORDS};

use super::ground::{Ground, Reader};
use super::hidden;
use crate::ops::ground::{code, row};

/// The form as it was first: 支付率 is of what was issued.
const FIRST: &str = r#"{"code":"roads","title":"路况表","subject":{"of":"region","per":"quarter"},"fields":[
    {"name":"issued","title":"下达资金","kind":"money","required":true},
    {"name":"paid","title":"已支付","kind":"money"},
    {"name":"late","title":"是否延期","kind":"yes_no"},
    {"name":"rate","title":"支付率","kind":"percent","derived":{"share":["paid","issued"]}}],"checks":[]}"#;
/// The next release: 联系人 must be given, 是否延期 is gone, and 支付率 is of what was planned, 500,000 yuan.
const NEXT: &str = r#"{"code":"roads","title":"路况表","subject":{"of":"region","per":"quarter"},"fields":[
    {"name":"issued","title":"下达资金","kind":"money","required":true},
    {"name":"paid","title":"已支付","kind":"money"},
    {"name":"rate","title":"支付率","kind":"percent","derived":{"share":["paid",{"number":"500000"}]}},
    {"name":"contact","title":"联系人","kind":"line","required":true}],"checks":[]}"#;
const AT: &str = "/forms/roads/320581/x";

fn document() -> Value {
    json!({ "form": "roads", "publisher": "320500", "release": 1, "id": "x", "subject": "320581",
        "subject_name": "常熟市", "period": "2026Q3", "version": 1, "turn": 0, "state": "draft",
        "given": { "issued": "400000.00", "paid": "300000.00", "late": "yes" }, "derived": { "rate": "75.00" },
        "filled_by": ["id of enter"], "changed_at": 0 })
}

/// The county with a document under the first release, and a clerk.
async fn ground() -> (Ground, Reader) {
    let ground = Ground::new().await;
    ground.desk.publish("forms", "roads", FIRST, 1).await;
    ground.desk.put(&[row(DOCUMENT, "roads/x", Ok(document().to_string()))]).await;
    let clerk = ground.reader("enter").await;
    (ground, clerk)
}

async fn kept(ground: &Ground, kind: &str) -> Vec<Document> {
    let found = ground.desk.store.records(kind, None).await.expect("readable");
    found.iter().map(|record| serde_json::from_str(&record.body).expect("a document")).collect()
}

/// The text of a page's table cells, one line for each row.
fn lines(page: &str) -> Vec<String> {
    let rows = page.split("<tr>").skip(1).map(|row| row.split("</tr>").next().unwrap_or_default());
    let cell =
        |part: &str| part.split('>').nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default().to_owned();
    rows.map(|row| {
        let cells = row.split("<t").skip(1).map(|part| cell(&format!("<t{part}")));
        cells.collect::<Vec<_>>().join("|")
    })
    .collect()
}

/// The page says that there is a newer release, the step's page what becomes of this document, and once it is taken the
/// document is under the new release with what it held; the version before reads, prints and exports as it was.
#[tokio::test]
async fn a_document_moves() {
    let (ground, clerk) = ground().await;
    for page in [AT.to_owned(), format!("{AT}/edit")] {
        let shown = clerk.get(&page).await.text;
        assert!(!shown.contains("改用新版"), "there is one release only: {shown}");
    }
    let none = clerk.get(&format!("{AT}/step/renew")).await;
    assert!(none.text.contains("单据已按现行的表单填报"), "{}", none.text);

    ground.desk.publish("forms", "roads", NEXT, 2).await;
    for page in [AT.to_owned(), format!("{AT}/edit")] {
        let shown = clerk.get(&page).await.text;
        assert!(shown.contains("本单据按第 1 版填报，现行的是第 2 版"), "{shown}");
        assert!(shown.contains(&format!("href=\"{AT}/step/renew\"")), "{shown}");
    }
    let asked = clerk.get(&format!("{AT}/step/renew")).await.text;
    let told = lines(&asked);
    for due in ["支付率|结果不同|75.00%|60.00%", "联系人|新增，必填|—|—", "是否延期|取消，原值只留在改用前的版本|是|—"]
    {
        assert!(told.iter().any(|line| line == due), "{due} in {told:?}");
    }
    assert!(asked.contains("“支付率”的计算或自动带出有变"), "{asked}");
    assert_eq!(told.len(), 4, "a head and three lines: {told:?}");

    let version = hidden(&asked, "version");
    let done = clerk.post(&format!("{AT}/step/renew"), &[("version", &version), ("reason", "")]).await;
    assert_eq!((done.status, done.location.as_str()), (303, AT));
    let [moved] = kept(&ground, DOCUMENT).await.try_into().expect("one document");
    assert_eq!((moved.release, moved.version, moved.state.as_str()), (2, 2, "draft"));
    assert_eq!(
        serde_json::to_value(&moved.given).expect("JSON"),
        json!({ "issued": "400000.00", "paid": "300000.00" })
    );
    assert_eq!(moved.derived.get("rate").map(String::as_str), Some("60.00"));
    let [before] = kept(&ground, DOCUMENT_VERSION).await.try_into().expect("one version");
    assert_eq!(serde_json::to_value(&before).expect("JSON"), document());
    let again = clerk.post(&format!("{AT}/step/renew"), &[("version", &version), ("reason", "")]).await;
    assert_eq!(again.status, 409, "somebody else took it: {}", again.text);

    let page = clerk.get(AT).await.text;
    assert!(page.contains("第 2 版") && page.contains("60.00%") && !page.contains("是否延期"), "{page}");
    assert!(!page.contains("现行的是第"), "it is on the newest");
    assert!(page.contains(&format!("href=\"{AT}/versions/1\"")), "{page}");
    let old = clerk.get(&format!("{AT}/versions/1")).await;
    assert!(old.text.contains("75.00%") && old.text.contains("是否延期"), "{}", old.text);
    assert!(old.text.contains("按表单第 1 版填报，当时为“草稿”；现为第 2 版"), "{}", old.text);
    assert!(!old.text.contains("联系人") && !old.text.contains("/edit"), "{}", old.text);
    assert_eq!(clerk.get(&format!("{AT}/versions/2")).await.status, 404);
    let file = clerk.file(&format!("{AT}/versions/1/sheet.xlsx")).await;
    let mut book = Book::open("表.xlsx", &file).expect("a workbook");
    let sheet = book.sheets()[0].0.clone();
    let cells = book.cells(&sheet).expect("cells");
    let text: String =
        (0..30).flat_map(|row| (0..8).map(move |column| (row, column))).map(|(r, c)| cells.get(r, c)).collect();
    assert!(text.contains("是否延期") && text.contains("75"), "{text}");
    let back = clerk.upload(&format!("{AT}/sheet"), &[], ("表.xlsx", &file)).await;
    assert!(back.status == 422 && back.text.contains("没有导入任何内容"), "history does not come back: {}", back.text);
    let logged = ground.logged("document_step").await;
    assert!(logged.iter().any(|(_, subject, detail)| subject == "roads/x" && detail == "改用新版表单"), "{logged:?}");
}

/// The step goes to the release that its page showed; an approver, who does not take it, is told who does; a release
/// that has no such step leaves documents where they are.
#[tokio::test]
async fn who_moves_it_and_where_to() {
    let (ground, clerk) = ground().await;
    let approver = ground.reader("approve").await;
    ground.desk.publish("forms", "roads", NEXT, 2).await;
    let shown = approver.get(AT).await.text;
    assert!(shown.contains("由经办改用新版") && !shown.contains("/step/renew"), "{shown}");
    let version = hidden(&clerk.get(&format!("{AT}/step/renew")).await.text, "version");
    ground.desk.publish("forms", "roads", &NEXT.replace("联系人", "联系电话"), 3).await;
    let stale = clerk.post(&format!("{AT}/step/renew"), &[("version", &version), ("reason", "")]).await;
    assert_eq!((stale.status, kept(&ground, DOCUMENT).await[0].release), (409, 1), "{}", stale.text);

    let mut closed: Definition = serde_json::from_str(NEXT).expect("a form");
    closed.flow.steps.retain(|step| !step.renews());
    ground.desk.publish("forms", "roads", &serde_json::to_string(&closed).expect("JSON"), 4).await;
    let shown = clerk.get(AT).await.text;
    assert!(shown.contains("新版没有规定改用的步骤") && !shown.contains("/step/renew"), "{shown}");
}

/// A township's version that was approved is read at its county, which approved it; what the township alone says of it
/// is not believed.
#[tokio::test]
async fn versions_of_a_township() {
    let (ground, clerk) = ground().await;
    let town = code("320581101");
    let now = json!({ "version": 2 });
    let claimed = json!({ "state": "approved" });
    let sent = json!({ "state": "review" });
    let body = |changes: &Value, version: u32| {
        let mut body = document();
        body.as_object_mut().expect("fields").extend(changes.as_object().expect("fields").clone());
        let key = if version == 0 { "roads/x".to_owned() } else { format!("roads/x/{version}") };
        let kind = if version == 0 { DOCUMENT } else { DOCUMENT_VERSION };
        Change { kind: kind.into(), key, body: Some(body.to_string()), problem: None }
    };
    let mut second = sent.clone();
    second["version"] = json!(2);
    let mut third = now;
    third["version"] = json!(3);
    let changes = [body(&third, 0), body(&claimed, 1), body(&second, 2)];
    let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
    ground.desk.store.accept_records(&batch).await.expect("taken");
    let at = AT.replace("320581", "320581101");
    assert_eq!(clerk.get(&format!("{at}/versions/1")).await.status, 404);
    let read = clerk.get(&format!("{at}/versions/2")).await;
    assert!(read.status == 200 && read.text.contains("75.00%"), "{}", read.text);
}
