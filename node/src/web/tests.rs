//! Shows, over a real line and on a real database, what the pages let whom see and do.

mod about;
mod agreement;
mod api;
mod commands;
mod due;
mod editing;
mod evaluation;
mod evaluation_files;
mod evaluation_published;
mod following;
mod form_bulk;
mod form_commands;
mod form_files;
mod form_import;
mod form_import_lines;
mod form_levels;
mod form_lists;
mod form_rules;
mod form_sheet;
mod goal;
mod goal_form;
mod goal_published;
mod ground;
mod guidance;
mod import;
mod import_kept;
mod kept_months;
mod kept_records;
mod month;
mod months;
mod next_form;
mod overview;
mod own_forms;
mod own_supplements;
mod projects;
mod questions;
mod renewal;
mod restored;
mod review;
mod stalls;
mod townships;
mod trials;

use std::collections::BTreeMap;

use ground::Ground;
use rust_xlsxwriter::{Workbook, Worksheet};
use tongpin_console::workbook::Book;
use tongpin_domain::project::PROJECT;
use tongpin_domain::report::{Receipt, Report, Verdict};
use tongpin_store::{Account, ReceiptTaken, ReportState};

use crate::ops::ground::row;
use crate::ops::submit::ReportDraft;

const REPORT: &str = "/collections/county-scores";

/// Who does not do the bureau's work opens none of the pages, a reader changes nothing, and each refusal is kept.
#[tokio::test]
async fn pages_ask_for_duties() {
    let ground = Ground::new().await;
    let audit = ground.reader("audit").await;
    for address in ["/scores", "/scores/x", "/scores/export.csv", "/collections", REPORT] {
        assert_eq!(audit.get(address).await.status, 403, "{address}");
    }
    assert_eq!(ground.logged("page_refused").await.len(), 5);
    let reader = ground.reader("read").await;
    for address in ["/scores", "/collections", REPORT] {
        assert_eq!(reader.get(address).await.status, 200, "{address}");
    }
    assert_eq!(reader.post("/scores", &[]).await.status, 403);
    assert!(ground.desk.store.scores().await.expect("readable").is_empty());
    assert_eq!(reader.get("/collections/none").await.status, 404);
}

/// What is asked is listed as not reported; without scores its page says so, and the button on it scores and leads
/// back.
#[tokio::test]
async fn scores_come_first() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let list = enters.get("/collections").await.text;
    assert!(list.contains("2024年度项目支出绩效自评得分归集") && list.contains("未上报") && list.contains("已逾期"));
    assert!(list.contains(r#"href="/collections/county-scores""#) && list.contains(r#"href="/scores""#));
    let file = enters.get("/collections?state=overdue&format=csv").await.text;
    assert!(file.contains("\n2024年度项目支出绩效自评得分归集,2024,") && file.contains(",未上报,—"), "{file}");
    let none = enters.get("/collections?state=accepted").await.text;
    assert!(none.contains("没有符合条件的归集任务") && !none.contains("county-scores"), "{none}");
    let page = enters.get(REPORT).await.text;
    assert!(page.contains("有 6 个项目还没有评分") && !page.contains("确认上报"), "{page}");
    let scored = enters.post("/scores", &[("collection", "county-scores")]).await;
    assert_eq!((scored.status, scored.location.as_str()), (303, "/collections/county-scores?scored=1"));
    assert_eq!(ground.desk.store.scores().await.expect("readable").len(), 6);
    let logged = ground.logged("score").await;
    assert_eq!(logged, [("enter".into(), String::new(), "评分 6 个项目，未评分 0 个".into())]);
    assert!(enters.get("/collections/county-scores?scored=1").await.text.contains("评分已完成"));
}

/// The page shows every key and figure of the answer, and no project.
#[tokio::test]
async fn exactly_what_would_leave_is_shown() {
    let ground = Ground::new().await;
    ground.desk.score().await;
    let page = ground.reader("approve").await.get(REPORT).await.text;
    let draft = ReportDraft::prepare(&ground.app, "county-scores", "").await.expect("an answer");
    for (table, asked) in draft.report.tables.iter().zip(&draft.answer.asked.collection.tables) {
        for group in &table.answer.groups {
            assert!(group.keys.iter().all(|key| page.contains(key.as_str())));
            for measure in &asked.measures {
                let figure = crate::words::figure::figure(measure, &group.measures[&measure.id]);
                assert!(page.contains(&format!(">{figure}<")), "{figure} in {page}");
            }
        }
    }
    assert!(page.contains("5（83%）") && page.contains("approve（approve）"));
    let held = crate::records::load(&ground.desk.store).await.expect("readable");
    assert_eq!(held.projects.len(), 6);
    for held in &held.projects {
        assert!(!page.contains(&held.project.code) && !page.contains(&held.project.name));
    }
    let file = ground.reader("read").await.get("/collections/county-scores/preview.json").await.text;
    let told: Report = serde_json::from_str(&file).expect("the report");
    assert_eq!(told.tables, draft.report.tables);
}

/// A report leaves with the box checked and by whoever approves, once; the audit log has it, and the same is refused a
/// second time in words.
#[tokio::test]
async fn an_officer_lets_it_leave_once() {
    let ground = Ground::new().await;
    ground.desk.score().await;
    let approves = ground.reader("approve").await;
    let content = hidden(&approves.get(REPORT).await.text, "content");
    let enters = ground.reader("enter").await;
    assert!(!enters.get(REPORT).await.text.contains("name=\"confirm\""));
    let all = [("confirm", "1"), ("content", content.as_str())];
    assert_eq!(enters.post(REPORT, &all).await.status, 403);
    let unchecked = approves.post(REPORT, &all[1..]).await;
    assert!(unchecked.status == 422 && unchecked.text.contains("勾选"));
    let other = approves.post(REPORT, &[("confirm", "1"), ("content", "0")]).await;
    assert!(other.status == 409 && other.text.contains("在您查看之后有变化"));
    assert!(ground.reports().await.is_empty() && ground.logged("submit").await.is_empty());

    let sent = approves.post(REPORT, &all).await;
    assert_eq!((sent.status, sent.location.as_str()), (303, "/collections/county-scores?sent=1"));
    let kept = ground.reports().await;
    assert_eq!(
        (kept.len(), kept[0].state, kept[0].approved_by.as_str()),
        (1, ReportState::Submitted, "approve（approve）")
    );
    let logged = ground.logged("submit").await;
    assert_eq!(logged, [("approve".into(), "county-scores".into(), "第 1 次，1 组汇总数".into())]);
    let page = approves.get(&sent.location).await.text;
    assert!(page.contains("等待上级回执") && page.contains("待确认") && !page.contains("name=\"confirm\""));

    let again = approves.post(REPORT, &all).await;
    assert!(again.status == 409 && again.text.contains("内容与第 1 次上报相同，未重复上报"), "{}", again.text);
    assert_eq!((ground.reports().await.len(), ground.logged("submit").await.len()), (1, 1));
}

/// Whoever entered data does not let the report leave, and an account with both duties approves nothing, unless the
/// bureau has one clerk only; then the report and the log say so.
#[tokio::test]
async fn who_entered_does_not_approve() {
    let ground = Ground::new().await;
    ground.desk.score().await;
    let store = &ground.desk.store;
    let approves = ground.reader("approve").await;
    let entry = ground.app.entry("approve", "project_save", "XM1", "");
    store.audit(&entry).await.expect("writable");
    let content = hidden(&approves.get(REPORT).await.text, "content");
    let all = [("confirm", "1"), ("content", content.as_str())];
    let refused = approves.post(REPORT, &all).await;
    assert!(refused.status >= 400 && refused.text.contains("须由另一人审核上报"), "{}", refused.text);

    let account = store.account_named("approve").await.expect("readable").expect("there");
    let both = Account { duties: vec!["enter".into(), "approve".into()], ..account };
    store.update_account(&both, &entry).await.expect("writable");
    assert_eq!(approves.post(REPORT, &all).await.status, 403, "it is not decided");
    assert!(ground.reports().await.is_empty());

    store.set_one_clerk(true, &entry).await.expect("writable");
    let page = approves.get(REPORT).await.text;
    assert!(page.contains("approve（approve），一人经办并审核"), "{page}");
    assert_eq!(approves.post(REPORT, &all).await.status, 303);
    assert_eq!(ground.reports().await[0].approved_by, "approve（approve），一人经办并审核");
    let logged = ground.logged("submit").await;
    assert!(logged[0].2.ends_with("，一人经办并审核"), "{logged:?}");
}

/// A returned report stands first with its reasons, in the list and among the earlier revisions, and may be sent again,
/// with a word of warning while nothing was corrected.
#[tokio::test]
async fn a_returned_report_tells_why() {
    let ground = Ground::new().await;
    ground.desk.score().await;
    let approves = ground.reader("approve").await;
    let content = hidden(&approves.get(REPORT).await.text, "content");
    assert_eq!(approves.post(REPORT, &[("confirm", "1"), ("content", &content)]).await.status, 303);
    let receipt = Receipt {
        number: 1,
        collection: "county-scores".into(),
        region: ground.app.site.region(),
        revision: 1,
        report: ground.reports().await[0].digest,
        verdict: Verdict::Returned,
        reasons: vec!["预算数与批复不符<b>".into()],
        by: "市局-003".into(),
        at: ground.app.site.now(),
        held: None,
        question: None,
    };
    let taken = ReceiptTaken {
        parent: &ground.app.parent.region,
        number: 1,
        payload: &serde_json::to_string(&receipt).expect("JSON"),
        envelope: &[],
        at: ground.app.site.now(),
        about: Some(("county-scores", 1, ReportState::Returned)),
    };
    ground.desk.store.take_receipt(&taken).await.expect("writable");
    let list = approves.get("/collections").await.text;
    assert!(list.contains("已退回") && list.contains("预算数与批复不符&lt;b&gt;"));
    let page = approves.get(REPORT).await.text;
    assert_eq!(page.matches("预算数与批复不符&lt;b&gt;").count(), 2, "at the top and in the history");
    assert!(page.contains("市局-003") && page.contains("请先按退回原因更正") && page.contains("上报（第 2 次）"));
    let content = hidden(&page, "content");
    assert_eq!(approves.post(REPORT, &[("confirm", "1"), ("content", &content)]).await.status, 303);
    assert_eq!(ground.reports().await.len(), 2);
}

/// A form without the session's own token changes nothing.
#[tokio::test]
async fn forms_carry_the_token() {
    let ground = Ground::new().await;
    let mut enters = ground.reader("enter").await;
    enters.csrf = "guessed".into();
    assert_eq!(enters.post("/scores", &[]).await.status, 403);
    assert!(ground.desk.store.scores().await.expect("readable").is_empty());
}

/// Scores are found by status, rating and text, the worst first, fifty on a page, and the file holds all that fit.
#[tokio::test]
async fn scores_are_found_and_paged() {
    let ground = Ground::new().await;
    let held = crate::records::load(&ground.desk.store).await.expect("readable");
    let copies = (0..60).map(|number| {
        let mut project = held.projects[0].project.clone();
        (project.code, project.name) = (format!("COPY{number:02}"), format!("副本{number:02}"));
        row(PROJECT, &project.code, serde_json::to_string(&project))
    });
    ground.desk.put(&copies.collect::<Vec<_>>()).await;
    ground.desk.score().await;
    let reader = ground.reader("read").await;
    let rows = |text: &str| text.matches("href=\"/scores/").count() - text.matches("href=\"/scores/export").count();
    let first = reader.get("/scores").await.text;
    assert!(rows(&first) == 50 && first.contains("共 66 条，第 1–50 条") && first.contains("page=2"), "{first}");
    // A copy has no lines, so that its weights do not add up: an error comes before everything scored.
    assert!(first.contains("COPY00") && !first.contains("已评分</span>"));
    let second = reader.get("/scores?page=2").await.text;
    assert!(rows(&second) == 16 && second.contains("已评分</span>") && second.contains("rel=\"prev\""));
    let one = reader.get("/scores?text=%E5%89%AF%E6%9C%AC07&status=DATA_ERROR").await.text;
    assert!(rows(&one) == 1 && one.contains("COPY07"));
    assert_eq!(rows(&reader.get("/scores?text=copy07&status=SCORED").await.text), 0);
    let scored = reader.get("/scores?status=SCORED").await.text;
    assert_eq!(rows(&scored), 5);
    let file = reader.get("/scores/export.csv?text=COPY").await.text;
    assert!(file.starts_with("\u{feff}project_code,region_code,") && file.lines().count() == 61, "{file}");
    assert_eq!(ground.logged("score_export").await.len(), 1);
}

/// A project's page tells how every line came about; what somebody typed is shown as text and not run, and a code is
/// found whatever stands in it.
#[tokio::test]
async fn a_score_is_explained_and_names_are_text() {
    let ground = Ground::new().await;
    let held = crate::records::load(&ground.desk.store).await.expect("readable");
    let mut project = held.projects[0].project.clone();
    (project.code, project.name) = ("A/1 ?".into(), "<script>alert(1)</script>".into());
    project.case_tag = "=cmd".into();
    ground.desk.put(&[row(PROJECT, &project.code, serde_json::to_string(&project))]).await;
    ground.desk.score().await;
    let reader = ground.reader("read").await;
    let pages = [reader.get("/scores").await.text, reader.get("/scores/A%2F1%20%3F").await.text];
    for page in &pages {
        assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"), "{page}");
        assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>"), "{page}");
    }
    assert!(pages[0].contains("href=\"/scores/A%2F1%20%3F\""));
    assert!(reader.get("/scores/export.csv").await.text.contains(",'=cmd"));
    let code = &held.projects[0].project.code;
    let page = reader.get(&format!("/scores/{code}")).await.text;
    for line in &held.projects[0].lines {
        assert!(page.contains(&line.name) && page.contains(&format!(">{}. ", line.seq)), "{page}");
    }
    assert!(page.contains("project-self-evaluation 第 1 版（320500）"));
    assert_eq!(reader.get("/scores/none").await.status, 404);
}

/// Everything is said in English where that is asked for.
#[tokio::test]
async fn in_english() {
    let ground = Ground::new().await;
    let mut reader = ground.reader("read").await;
    reader.cookie.push_str("; tongpin_lang=en");
    assert!(reader.get(REPORT).await.text.contains("6 projects have no score"));
    ground.desk.score().await;
    assert!(reader.get("/scores").await.text.contains("projects with a score"));
}

/// The value of a hidden field of a page.
fn hidden(page: &str, name: &str) -> String {
    let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1).expect("the field");
    rest.split('"').next().expect("a value").to_owned()
}

/// What an official sheet is called in its workbook, and where the first cell stands that says each of these.
fn cells_of<const N: usize>(file: &[u8], texts: [&str; N]) -> (String, [(u32, u16); N]) {
    let mut book = Book::open("表.xlsx", file).expect("a workbook");
    let name = tongpin_console::sheet::identify(&mut book).expect("readable").expect("ours").sheet;
    let cells = book.cells(&name).expect("its cells");
    let found = texts.map(|text| {
        let at = cells.rows.iter().find_map(|(row, cells)| Some((*row, cells.iter().position(|it| it == text)?)));
        let (row, column) = at.unwrap_or_else(|| unreachable!("no cell says {text}"));
        (row, u16::try_from(column).expect("few"))
    });
    (name, found)
}

/// A form as another spreadsheet program saves it: the same cells as plain texts, but for those filled in, on a sheet
/// that may be called otherwise.
fn retyped(
    form: &[u8],
    (from, to): (&str, &str),
    cells: &[(u32, u16, &str)],
    also: impl Fn(&mut Worksheet),
) -> Vec<u8> {
    let before = Book::open("f", form).expect("a workbook").cells(from).expect("the sheet");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(to).expect("a name");
    let mut texts: BTreeMap<(u32, u16), &str> = BTreeMap::new();
    for (row, cells) in &before.rows {
        texts.extend((0u16..).zip(cells).map(|(column, text)| ((*row, column), text.as_str())));
    }
    texts.extend(cells.iter().map(|(row, column, text)| ((*row, *column), *text)));
    for ((row, column), text) in texts {
        sheet.write_string(row, column, text).expect("a cell");
    }
    also(sheet);
    workbook.save_to_buffer().expect("a workbook")
}
