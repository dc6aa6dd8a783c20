//! The list of projects, a project's page, and entering and changing one by hand.

use tongpin_domain::project::PROJECT;
use tongpin_store::{Batch, Change, RECORDS};

use super::ground::Ground;
use super::hidden;
use crate::ops::ground::{code, row};
use crate::records;

const CODE: &str = "32058124T000000000902";

/// What a form of a new project sends.
const TYPED: [(&str, &str); 15] = [
    ("project_code", CODE),
    ("project_name", "养老服务补助"),
    ("fiscal_year", "2024"),
    ("region_code", "320581"),
    ("department", "民政局"),
    ("implementing_unit", "民政局"),
    ("fund_code", "ZX-1"),
    ("budget_initial", "500万"),
    ("carry_over", "600000"),
    ("budget_adjust", "-100000"),
    ("budget_adjusted", "5500000"),
    ("fund_upper", "5500000"),
    ("fund_local", "0"),
    ("fund_other", "0"),
    ("executed", ""),
];

fn typed<'a>(others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let other = |name: &str| others.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
    let mut fields: Vec<_> = TYPED.iter().map(|(name, value)| (*name, other(name).unwrap_or(value))).collect();
    fields.extend(others.iter().filter(|(name, _)| !TYPED.iter().any(|(field, _)| field == name)));
    fields
}

/// Projects are filtered, sorted and exported; each leads to its page; whoever enters is shown how.
#[tokio::test]
async fn the_list() {
    let ground = Ground::new().await;
    let held = records::load(&ground.desk.store).await.expect("readable");
    let mut project = held.projects[0].project.clone();
    (project.code, project.name) = ("A1".into(), "<script>alert(1)</script>".into());
    ground.desk.put(&[row(PROJECT, "A1", serde_json::to_string(&project))]).await;
    let reader = ground.reader("read").await;
    let rows = |text: &str| text.matches("<th scope=\"row\"><a href=\"/projects/").count();
    let page = reader.get("/projects").await.text;
    assert_eq!(rows(&page), 7);
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"));
    assert!(page.contains("未评分") && !page.contains("/projects/new"));
    ground.desk.score().await;
    assert_eq!(rows(&reader.get("/projects?status=SCORED").await.text), 5);
    let found = reader.get("/projects?text=alert&year=2024&status=DATA_ERROR").await.text;
    assert!(rows(&found) == 1 && found.contains("href=\"/projects/A1\""), "{found}");
    assert_eq!(rows(&reader.get("/projects?year=1999").await.text), 0);
    // The best total first: with the scores of the samples nothing without one stands before it.
    let sorted = reader.get("/projects?sort=-total").await.text;
    let first = sorted.split("<tbody>").nth(1).and_then(|body| body.split("</tr>").next()).expect("a row");
    assert!(first.contains("已评分"), "{first}");
    let file = reader.get("/projects?format=csv&text=alert").await.text;
    assert!(file.starts_with("\u{feff}项目代码,项目名称,") && file.lines().count() == 2, "{file}");
    assert_eq!(ground.logged("project_export").await.len(), 1);
    assert!(ground.reader("enter").await.get("/projects").await.text.contains("href=\"/import\""));
    assert_eq!(ground.reader("audit").await.get("/projects").await.status, 403);
}

/// A project's page shows money, lines with their arithmetic and where to go on; what is not there is told.
#[tokio::test]
async fn a_project() {
    let ground = Ground::new().await;
    ground.desk.score().await;
    let held = records::load(&ground.desk.store).await.expect("readable");
    let held = &held.projects[0];
    let address = format!("/projects/{}", held.project.code);
    let reader = ground.reader("read").await;
    let page = reader.get(&address).await.text;
    assert!(page.contains(&crate::web::amounts::shown(&held.project.money.adjusted)), "{page}");
    assert!(page.contains(&format!("href=\"{address}/goal\"")), "{page}");
    for line in &held.lines {
        assert!(page.contains(&line.name) && page.contains(&format!(">{}. ", line.seq)));
    }
    assert!(!page.contains(&format!("{address}/edit")) && page.contains("还没有在页面上修改过"));
    let mut changed = held.project.clone();
    changed.money.executed = tongpin_domain::money::Amount::parse("1");
    ground.desk.put(&[row(PROJECT, &changed.code, serde_json::to_string(&changed))]).await;
    assert!(reader.get(&address).await.text.contains("评分之后，项目或计分规则有改动"));
    assert_eq!(reader.get("/projects/none").await.status, 404);
}

/// A new project is refused field by field with nothing lost, asked about where its amounts do not agree, and then
/// held; the same code is not entered twice.
#[tokio::test]
async fn a_new_project() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let page = enters.get("/projects/new").await;
    assert!(page.status == 200 && page.text.contains("value=\"320581\""));
    let wrong = [
        ("project_code", "有 空格"),
        ("fiscal_year", "二四"),
        ("budget_initial", "约500万"),
        ("region_code", "320582"),
    ];
    let refused = enters.post("/projects/new", &typed(&wrong)).await;
    assert_eq!(refused.status, 422);
    for (name, value) in wrong {
        let cell =
            refused.text.split(&format!("data-at=\"{name}\"")).nth(1).and_then(|rest| rest.split("</td>").next());
        let cell = cell.expect("its cell");
        // The division is looked at once everything else can be read.
        assert!(cell.contains("aria-invalid=\"true\"") || name == "region_code", "{name}: {cell}");
        assert!(cell.contains(&format!("value=\"{value}\"")), "{name}: {cell}");
    }
    assert!(refused.text.contains("value=\"养老服务补助\""));
    let foreign = enters.post("/projects/new", &typed(&[("region_code", "320582")])).await;
    assert!(foreign.status == 422 && foreign.text.contains("辖区内的区划代码"), "{}", foreign.text);

    let doubtful = [("budget_adjusted", "5400000")];
    let asked = enters.post("/projects/new", &typed(&doubtful)).await;
    assert!(asked.status == 422 && asked.text.contains("全年预算数为 5400000") && asked.text.contains("5500000.00"));
    assert!(records::one(&ground.desk.store, CODE).await.expect("readable").is_none());
    let checked = [("budget_adjusted", "5400000"), ("and-checked", "1")];
    let saved = enters.post("/projects/new", &typed(&checked)).await;
    assert_eq!((saved.status, saved.location), (303, format!("/projects/{CODE}?saved=1")));
    let held = records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    assert_eq!(held.project.money.initial.raw(), "500万");
    assert_eq!(ground.logged("project_new").await, [("enter".into(), CODE.into(), "养老服务补助".into())]);
    let twice = enters.post("/projects/new", &typed(&[])).await;
    assert!(twice.status == 422 && twice.text.contains("该代码的项目已登记"), "{}", twice.text);
    let reader = ground.reader("read").await;
    assert_eq!(reader.post("/projects/new", &typed(&[])).await.status, 403);
    assert_eq!(reader.get("/projects/new").await.status, 403);
}

/// A change keeps what the form does not show, names the fields in the log, and is not saved over somebody else's; a
/// township's project is not changed here.
#[tokio::test]
async fn a_change() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    assert_eq!(enters.post("/projects/new", &typed(&[])).await.status, 303);
    let address = format!("/projects/{CODE}/edit");
    let page = enters.get(&address).await.text;
    assert!(page.contains("value=\"500万\"") && !page.contains("name=\"project_code\""));
    let version = hidden(&page, "page-version");
    let first = [("page-version", version.as_str()), ("executed", "4873000"), ("and-checked", "1")];
    assert_eq!(enters.post(&address, &typed(&first)).await.status, 303);
    let logged = ground.logged("project_save").await;
    assert_eq!(logged, [("enter".into(), CODE.into(), "修改：全年执行数".into())]);
    let second = [("page-version", version.as_str()), ("executed", "1"), ("and-checked", "1")];
    let told = enters.post(&address, &typed(&second)).await;
    assert!(told.status == 409 && told.text.contains("他人已保存的：4873000"), "{}", told.text);
    let newest = hidden(&told.text, "page-version");
    let again = [("page-version", newest.as_str()), ("executed", "1"), ("and-checked", "1")];
    assert_eq!(enters.post(&address, &typed(&again)).await.status, 303);

    let held = records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    let mut theirs = held.project.clone();
    theirs.code = "T1".into();
    let body = serde_json::to_string(&theirs).expect("JSON");
    let changes = [Change { kind: PROJECT.into(), key: "T1".into(), body: Some(body), problem: None }];
    let town = code("320581101");
    let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
    ground.desk.store.accept_records(&batch).await.expect("taken");
    let refused = enters.get("/projects/T1/edit").await;
    assert!(refused.status == 403 && refused.text.contains("由 320581101 登记"), "{}", refused.text);
    assert!(enters.get("/projects/T1").await.text.contains("只能由其修改"));
    assert_eq!(enters.post("/projects/T1/edit", &typed(&[])).await.status, 403);
}
