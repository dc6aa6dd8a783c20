//! Importing in the browser: a preview that changes nothing, a confirmation that is looked at again, and refusals in
//! words.

use std::time::Duration;

use tongpin_console::workbook::{self, Book, Heading, TableSheet};
use tongpin_domain::csv_file::CsvFile;
use tongpin_domain::form::Definition;
use tongpin_domain::lang::{Lang, Say as _};
use tongpin_domain::number::Typed;
use tongpin_domain::project::{Project, ProjectIndicator};

use super::ground::{Ground, Reader, Shown};
use super::{hidden, retyped};
use crate::ops::ground::row;
use crate::records::{self, HeldProject};

pub(super) async fn held(ground: &Ground) -> Vec<HeldProject> {
    records::load(&ground.desk.store).await.expect("readable").projects
}

/// Confirms what a preview showed.
pub(super) async fn confirm(reader: &Reader, preview: &Shown) -> Shown {
    let (file, effect) = (hidden(&preview.text, "file"), hidden(&preview.text, "effect"));
    reader.post("/import/confirm", &[("file", &file), ("effect", &effect)]).await
}

fn projects(projects: &[Project]) -> Vec<u8> {
    crate::sheets::template::projects(Definition::of_projects(), &projects.iter().collect::<Vec<_>>())
        .expect("a workbook")
}

pub(super) fn lines(lines: &[ProjectIndicator]) -> Vec<u8> {
    crate::sheets::template::indicators(Definition::of_lines(), &lines.iter().collect::<Vec<_>>(), &[])
        .expect("a workbook")
}

/// What was downloaded comes back unchanged: there is nothing to import. Templates open and are empty.
#[tokio::test]
async fn what_is_held_comes_back() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    for kind in ["projects", "indicators"] {
        let file = enters.file(&format!("/import/data/{kind}.xlsx")).await;
        let shown = enters.upload("/import", &[], ("表.xlsx", &file)).await;
        assert!(shown.status == 200 && shown.text.contains("内容与系统中的完全相同"), "{}", shown.text);
        assert!(!shown.text.contains("确认导入"));
        let template = enters.file(&format!("/import/template/{kind}.xlsx")).await;
        let shown = enters.upload("/import", &[], ("模板.xlsx", &template)).await;
        assert!(shown.status == 200 && shown.text.contains("文件中没有数据"), "{}", shown.text);
    }
    assert_eq!(ground.logged("records_export").await.len(), 2);
    assert_eq!(enters.get("/import/template/x.xlsx").await.status, 404);
    let page = enters.get("/import").await.text;
    assert!(page.contains("或填好的自评表、目标申报表：Excel 工作簿（.xlsx）或 CSV，不超过 20 MB"), "{page}");
    assert_eq!(ground.reader("read").await.get("/import").await.status, 403);
}

/// A preview names what is new and what changes, field by field, and changes nothing; confirmed it is written once.
#[tokio::test]
async fn projects_are_confirmed() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let before = held(&ground).await;
    let mut all: Vec<Project> = before.iter().map(|held| held.project.clone()).collect();
    all[0].name = "改名<b>".into();
    all.push(Project { code: "NEW-1".into(), name: "新项目".into(), ..all[1].clone() });
    let preview = enters.upload("/import", &[], ("项目.xlsx", &projects(&all))).await;
    assert_eq!(preview.status, 200, "{}", preview.text);
    assert!(preview.text.contains("新增 1，修改 1，未变 5，删除 0"), "{}", preview.text);
    let change = format!("项目名称：{} → 改名&lt;b&gt;", before[0].project.name);
    assert!(preview.text.contains(&change) && preview.text.contains("NEW-1"), "{}", preview.text);
    assert_eq!(held(&ground).await.len(), 6, "a preview changes nothing");

    let done = confirm(&enters, &preview).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let page = enters.get(&done.location).await.text;
    assert!(page.contains("已导入项目：新增 1，修改 1，未变 5，删除 0"), "{page}");
    let now = held(&ground).await;
    assert!(now.len() == 7 && now.iter().any(|held| held.project.name == "改名<b>"));
    let logged = ground.logged("import").await;
    let detail = "项目.xlsx，项目：新增 1，修改 1，未变 5，删除 0".to_owned();
    assert_eq!(logged, [("enter".to_owned(), "projects".to_owned(), detail)]);
    let again = confirm(&enters, &preview).await;
    assert!(again.status == 409 && again.text.contains("请重新上传"));
}

/// Lines that a file lacks are shown as removed. If somebody changes a record between preview and confirmation, nothing
/// is written and the new preview is shown.
#[tokio::test]
async fn confirmed_is_looked_at_again() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let first = held(&ground).await.remove(0);
    let mut changed = first.lines.clone();
    let dropped = changed.pop().expect("lines");
    changed[0].actual = Typed::parse("99.5%");
    let preview = enters.upload("/import", &[], ("指标.xlsx", &lines(&changed))).await;
    assert!(preview.text.contains(">删除<") && preview.text.contains(&dropped.name), "{}", preview.text);
    let change = format!("实际完成值：{} → 99.5%", first.lines[0].actual.raw());
    assert!(preview.text.contains(&change), "{}", preview.text);

    let mut meanwhile = first.lines[0].clone();
    meanwhile.actual = Typed::parse("98");
    let body = serde_json::to_string(&meanwhile);
    ground.desk.put(&[row("project_indicator", &meanwhile.record_key(), body)]).await;
    let stopped = confirm(&enters, &preview).await;
    assert!(stopped.status == 409 && stopped.text.contains("在您查看之后"), "{}", stopped.text);
    assert!(stopped.text.contains("实际完成值：98 → 99.5%"));
    assert_eq!(held(&ground).await[0].lines.len(), first.lines.len());
    let done = confirm(&enters, &stopped).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(held(&ground).await[0].lines, changed);
    let code = &first.project.code;
    let scored = async {
        while ground.desk.store.score(code).await.expect("readable").is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), scored).await.expect("the project is scored without being asked");
}

/// A file with problems names each at its cell and offers nothing to confirm; what is no table is refused with the
/// reason.
#[tokio::test]
async fn problems_at_their_cells() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let mut project = held(&ground).await.remove(0).project;
    project.money.executed = tongpin_domain::money::Amount::parse("约300万");
    let shown = enters.upload("/import", &[], ("项目.xlsx", &projects(&[project]))).await;
    assert!(shown.status == 422 && !shown.text.contains("确认导入"), "{}", shown.text);
    // 全年执行数 is the 27th column.
    assert!(shown.text.contains(">AA2<") && shown.text.contains("约300万"), "{}", shown.text);
    let columns = [Heading { name: "姓名", number: false }];
    let other = workbook::write_table(&TableSheet { title: "名单", columns: &columns, rows: &[], open: false });
    let shown = enters.upload("/import", &[], ("名单.xlsx", &other.expect("a workbook"))).await;
    assert!(shown.status == 422 && shown.text.contains("工作表“名单”的第 1 行没有找到列名"), "{}", shown.text);
    let shown = enters.upload("/import", &[], ("", b"")).await;
    assert!(shown.status == 422 && shown.text.contains("没有选择文件"), "{}", shown.text);
    let shown = enters.upload("/import", &[], ("a.csv", "项目代码,年度\n".as_bytes())).await;
    assert!(shown.status == 422 && shown.text.contains("缺少 23 列：project_name（项目名称）、"), "{}", shown.text);
}

/// A file with problems comes back as it was sent, with its wrong cells marked and a last column that says what is
/// wrong; corrected there and sent again with that column, it is taken. Comma-separated values come back as a workbook.
#[tokio::test]
async fn wrong_cells_come_back_marked() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let mut all: Vec<Project> = held(&ground).await.into_iter().map(|held| held.project).collect();
    let right = Book::open("项目.xlsx", &projects(&all)).expect("a workbook").cells("数据").expect("the table");
    all[1].money.executed = tongpin_domain::money::Amount::parse("约300万");
    let sent = projects(&all);
    let shown = enters.upload("/import", &[], ("项目.xlsx", &sent)).await;
    let way = |shown: &Shown| {
        let link = shown.text.split("href=\"").find(|part| part.contains("/marked.xlsx\"")).expect("a way to it");
        link.split('"').next().expect("an address").to_owned()
    };
    let marked = enters.file(&way(&shown)).await;
    let mut books = [&sent, &marked].map(|bytes| Book::open("项目.xlsx", bytes).expect("a workbook"));
    let [before, after] = books.each_mut().map(|book| book.cells("数据").expect("the table"));
    let last = u32::try_from(before.rows[&0].len()).expect("few");
    assert_eq!((after.get(0, last), after.get(1, last)), (workbook::REMARKS, ""));
    assert!(after.get(2, last).starts_with("全年执行数应为"), "{}", after.get(2, last));
    for (row, cells) in &before.rows {
        assert_eq!(cells[..], after.rows[row][..cells.len()], "{row}");
    }
    assert_eq!(books[0].sheets(), books[1].sheets());
    // Still wrong, it says so again in the same column; corrected, it is taken as it is.
    let shown = enters.upload("/import", &[], ("项目.xlsx", &marked)).await;
    assert!(shown.status == 422 && shown.text.contains(">AA3<") && shown.text.contains("约300万"), "{}", shown.text);
    let corrected = retyped(&marked, ("数据", "数据"), &[(2, 26, right.get(2, 26))], |_| {});
    let shown = enters.upload("/import", &[], ("项目.xlsx", &corrected)).await;
    assert!(shown.status == 200 && shown.text.contains("内容与系统中的完全相同"), "{}", shown.text);

    let mut text = CsvFile::new(before.rows[&0].iter().map(String::as_str));
    text.row(before.rows[&2].iter().map(String::as_str));
    let text = String::from_utf8(text.into_marked()).expect("UTF-8").replacen('\n', "\n\n", 1);
    let shown = enters.upload("/import", &[], ("项目.csv", text.as_bytes())).await;
    let marked = enters.file(&way(&shown)).await;
    let after = Book::open("项目.xlsx", &marked).expect("a workbook").cells("数据").expect("the table");
    assert_eq!((after.get(1, 26), after.get(0, last)), ("约300万", workbook::REMARKS));
    assert!(after.get(1, last).starts_with("全年执行数应为"), "{}", after.get(1, last));
    assert_eq!(enters.get("/import/none/marked.xlsx").await.status, 409);
}

/// A fund, a department and an indicator that no catalog has, and a unit that is not the library's, are named at their
/// cells; a second level that does not belong to its first is a mistake. The first kind is asked about, the last is not
/// taken.
#[tokio::test]
async fn what_the_catalogs_do_not_know() {
    let ground = Ground::new().await;
    ground.desk.publish("funds", "ZX-1", r#"{"fund_code":"ZX-1","department":"教育局"}"#, 1).await;
    let entry = r#"{"code":"JY-1","department":"教育局","level1":"产出","level2":"数量","name":"学位数","nature":"≥","unit":"个",
        "rule_type":"PROP_UP","agg_method":"累加"}"#;
    ground.desk.publish("indicators", "JY-1", entry, 1).await;
    let enters = ground.reader("enter").await;
    let first = held(&ground).await.remove(0);
    let project = Project { fund_code: "ZX-9".into(), department: "教育".into(), ..first.project.clone() };
    let preview = enters.upload("/import", &[], ("项目.xlsx", &projects(&[project]))).await;
    assert!(preview.status == 200 && preview.text.contains("确认导入"), "{}", preview.text);
    for told in ["目录中没有这个代码，请核对", "ZX-9", "目录中没有这个部门，请核对名称是否写全"]
    {
        assert!(preview.text.contains(told), "{told}: {}", preview.text);
    }
    let mut all = first.lines.clone();
    all[0].indicator_code = Some("JY-9".into());
    (all[1].indicator_code, all[1].unit) = (Some("JY-1".into()), "件".into());
    let preview = enters.upload("/import", &[], ("指标.xlsx", &lines(&all))).await;
    assert!(preview.status == 200 && preview.text.contains("确认导入"), "{}", preview.text);
    for told in ["指标库中没有这个代码，请核对", "JY-9", "指标库中的单位“个”（不能换算"]
    {
        assert!(preview.text.contains(told), "{told}: {}", preview.text);
    }
    (all[0].level1, all[0].level2) = ("效益".into(), "数量".into());
    let refused = enters.upload("/import", &[], ("指标.xlsx", &lines(&all))).await;
    assert!(refused.status == 422 && !refused.text.contains("确认导入"), "{}", refused.text);
    assert!(refused.text.contains(">E2<") && refused.text.contains("“数量”属于“产出”"), "{}", refused.text);
}

/// What a list page exports is called a list, and an import says which table to take in its place; what is imported
/// again is called so. The command says the same.
#[tokio::test]
async fn lists_are_no_import_tables() {
    let ground = Ground::new().await;
    ground.desk.score().await;
    let enters = ground.reader("enter").await;
    let lists =
        ["/projects?format=xlsx", "/projects?format=csv", "/projects?format=csv&column=total", "/scores?format=xlsx"];
    let mut files = Vec::new();
    for address in lists {
        files.push((enters.file(address).await, "项目"));
    }
    // As a township's page of a month exports it, in either language.
    files.push(("\u{feff}项目,本月填报,本月支出（元）\n甲,未填报,\n".into(), "按月填报"));
    files.push(("\u{feff}project,this month,spent (yuan)\n甲,open,\n".into(), "按月填报"));
    for (list, table) in files {
        let shown = enters.upload("/import", &[], ("清单.xlsx", &list)).await;
        let said = format!("请在“导入”页面下载“{table}导入表”");
        assert!(shown.status == 422 && shown.text.contains(&said), "{}", shown.text);
        let error = crate::sheets::entry::read("清单.xlsx", &list).expect_err("a list").say(Lang::Zh);
        assert!(error.contains(&said), "{error}");
    }
    // 项目清单_6条.xlsx and 项目导入表_6条.xlsx, escaped as addresses are.
    let named = |name: &str| name.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    let list = enters.get("/projects?format=csv").await.head;
    assert!(list.contains(&named("项目清单")) && list.contains("_6"), "{list}");
    let table = enters.get("/import/data/projects.xlsx").await.head;
    assert!(table.contains(&named("项目导入表")) && table.contains("_6"), "{table}");
    assert!(enters.get("/projects").await.text.contains("导出清单（Excel）"));
    assert!(enters.get("/import").await.text.contains("导入表（现有数据）"));
}
