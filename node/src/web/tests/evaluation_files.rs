//! The self-evaluation goes out as a workbook and comes back: what was filled in is found at its line, and nothing else
//! changes.

use std::collections::BTreeMap;

use rust_xlsxwriter::Workbook;
use tongpin_console::sheet;
use tongpin_console::workbook::{Book, cell_name};
use tongpin_domain::form::Definition;
use tongpin_domain::number::Typed;
use tongpin_domain::project::{PROJECT, Project};

use super::ground::Ground;
use super::import::{confirm, held};
use super::retyped;
use crate::ops::ground::row;
use crate::sheets::official_form::stamp;

/// A self-evaluation goes out with the score, comes back filled in, and is written where it belongs; somebody else's
/// project and one that is not held are refused.
#[tokio::test]
async fn a_form_comes_back() {
    let ground = Ground::new().await;
    ground.desk.score().await;
    let enters = ground.reader("enter").await;
    let before = held(&ground).await.remove(0);
    let code = before.project.code.clone();
    let address = format!("/projects/{code}/form.xlsx");
    let file = enters.file(&address).await;
    let shown = enters.upload("/import", &[], ("自评表.xlsx", &file)).await;
    assert!(shown.status == 200 && shown.text.contains("内容与系统中的完全相同"), "{}", shown.text);

    let mut filled = before.lines.clone();
    (filled[0].actual, filled[0].self_score) = (Typed::parse(""), None);
    filled[1].deviation_reason = "天气原因".into();
    assert!(filled[1].evidence_count > 0, "{filled:?}");
    filled[1].evidence_count = 0;
    let cells = [
        ("1.actual", ""),
        ("2.deviation_reason", "天气原因"),
        ("2.evidence_count", "0"),
        ("execution_reason", "招标推迟"),
        ("achieved", "建成两处"),
    ];
    let at = evaluation_cells(&file)["2.evidence_count"];
    let file = evaluation_retyped(&file, &cells);
    let preview = enters.upload("/import", &[], ("自评表.xlsx", &file)).await;
    assert!(preview.text.contains("修改 3，") && preview.text.contains("新增 1，"), "{}", preview.text);
    let count = format!("系统中已有的“{}”，或新的内容；导入后将清空", before.lines[1].evidence_count);
    let cell = format!(">{}<", cell_name(at.0, at.1));
    assert!(preview.text.contains(&cell) && preview.text.contains(&count), "{cell}: {}", preview.text);
    assert!(preview.text.contains("实际完成情况") && preview.text.contains("建成两处"), "{}", preview.text);
    let done = confirm(&enters, &preview).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(held(&ground).await[0].lines, filled);
    assert_eq!(held(&ground).await[0].project.execution_reason, "招标推迟");
    let page = enters.get(&format!("/projects/{code}/evaluation")).await.text;
    assert!(page.contains("建成两处"), "{page}");
    let logged = ground.logged("form_fill").await;
    assert_eq!((logged.len(), logged[0].1.as_str()), (1, code.as_str()));
    assert_eq!(enters.get("/projects/none/form.xlsx").await.status, 404);

    // Of a project that is not held, or relabelled for one that is: refused, and written to neither.
    let mine = enters.file(&address).await;
    let other = held(&ground).await[1].project.clone();
    for (now, told) in [("NONE", "系统中没有这个项目"), (other.name.as_str(), "其他项目请另行导出")] {
        let was = if now == "NONE" { &code } else { &before.project.name };
        let (row, column) = first_cell(&mine, was, now == "NONE");
        let name = evaluation_sheet(&mine);
        let file = retyped(&mine, (&name, &name), &[(row, column, now)], |_| {});
        let shown = enters.upload("/import", &[], ("自评表.xlsx", &file)).await;
        assert!(shown.status == 422 && shown.text.contains(told), "{told}: {}", shown.text);
    }
    // Exported, then changed in the system: filling in another line leaves that change alone, and what both have
    // changed is told at its cell.
    let mut lines = held(&ground).await[0].lines.clone();
    lines[0].actual = Typed::parse("99");
    let now = enters.upload("/import", &[], ("指标.xlsx", &super::import::lines(&lines))).await;
    assert_eq!(confirm(&enters, &now).await.status, 303);
    let both = evaluation_retyped(&mine, &[("1.actual", "98")]);
    let shown = enters.upload("/import", &[], ("自评表.xlsx", &both)).await;
    assert!(shown.status == 422 && shown.text.contains("导出之后已有他人修改（现为“99”）"), "{}", shown.text);
    let preview =
        enters.upload("/import", &[], ("自评表.xlsx", &evaluation_retyped(&mine, &[("2.actual", "77")]))).await;
    assert!(preview.status == 200 && preview.text.contains("修改 1，"), "{}", preview.text);
    assert!(!preview.text.contains("将清空"), "what somebody else filled in stays: {}", preview.text);
    assert_eq!(confirm(&enters, &preview).await.status, 303);
    let after =
        held(&ground).await[0].lines.iter().take(2).map(|line| line.actual.raw().to_owned()).collect::<Vec<_>>();
    assert_eq!(after, ["99", "77"]);
}

/// A sheet whose lines are not those held is refused at the line; so is what cannot be read, at its cell, and the file
/// comes back with it marked. A line whose row somebody took out is told, not cleared.
#[tokio::test]
async fn not_the_same_lines() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let before = held(&ground).await.remove(0);
    let file = enters.file(&format!("/projects/{}/form.xlsx", before.project.code)).await;
    let bad = evaluation_retyped(&file, &[("1.evidence_count", "若干"), ("2.actual", "77")]);
    let shown = enters.upload("/import", &[], ("自评表.xlsx", &bad)).await;
    assert!(shown.status == 422 && shown.text.contains("若干") && shown.text.contains("佐证件数"), "{}", shown.text);
    assert!(shown.text.contains("标错"), "{}", shown.text);

    let cells = evaluation_cells(&file);
    let name = evaluation_sheet(&file);
    let (row, _) = cells["1.actual"];
    let marks = Book::open("f", &file).expect("a workbook").cells(&name).expect("the sheet").rows[&row].clone();
    let blank: Vec<(u32, u16, &str)> = (0..marks.len()).map(|at| (row, u16::try_from(at).expect("few"), "")).collect();
    let shown = enters.upload("/import", &[], ("自评表.xlsx", &retyped(&file, (&name, &name), &blank, |_| {}))).await;
    let gone = format!("“1. {}”这一行", before.lines[0].name);
    assert!(shown.status == 422 && shown.text.contains(&gone), "{}", shown.text);

    let mut lines = before.lines.clone();
    lines[0].target = Typed::parse("1300");
    let now = enters.upload("/import", &[], ("指标.xlsx", &super::import::lines(&lines))).await;
    assert_eq!(confirm(&enters, &now).await.status, 303);
    let shown = enters.upload("/import", &[], ("自评表.xlsx", &evaluation_retyped(&file, &[("2.actual", "77")]))).await;
    assert!(shown.status == 422 && shown.text.contains("导出后指标有变动"), "{}", shown.text);
    assert_eq!(held(&ground).await[0].lines[1].actual, before.lines[1].actual);
}

/// A sheet that was exported before sheets were made from the form is still taken, with the same care: what both have
/// changed is a conflict, and one that was relabelled is refused.
#[tokio::test]
async fn an_earlier_sheet_comes_back() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let before = held(&ground).await.remove(0);
    let made = |name: &str, actual: &str, was: &str| {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet().set_name("自评表").expect("a name");
        let mut put = |row: u32, column: u16, text: &str| {
            sheet.write_string(row, column, text).expect("a cell");
        };
        let stamp = |text: &str| stamp(&[text.to_owned()]);
        for (row, column, text) in
            [(0, 11, "tongpin-form-3"), (1, 11, &before.project.code), (2, 2, name), (2, 8, &before.project.code)]
        {
            put(row, column, text);
        }
        for (row, line) in (12..).zip(&before.lines) {
            let first = line.seq == before.lines[0].seq;
            let (weight, count) = (line.weight.to_string(), line.evidence_count.to_string());
            let said = if first { actual } else { line.actual.raw() };
            let cells = [
                (2, line.name.as_str()),
                (3, &line.nature),
                (4, line.target.raw()),
                (5, &line.unit),
                (6, said),
                (7, &weight),
                (9, &count),
                (10, &line.deviation_reason),
            ];
            for (column, text) in cells {
                put(row, column, text);
            }
            let then = if first { was } else { line.actual.raw() };
            let stamps = [then, &count, &line.deviation_reason].map(stamp).join(",");
            put(row, 11, &format!("line:{}={stamps}", line.seq));
        }
        let foot = 13 + u32::try_from(before.lines.len()).expect("few");
        put(foot, 3, "招标推迟");
        put(foot, 11, &format!("execution_reason={}", stamp("")));
        workbook.save_to_buffer().expect("a workbook")
    };
    let (name, actual) = (before.project.name.as_str(), before.lines[0].actual.raw());
    let other = enters.upload("/import", &[], ("f.xlsx", &made("别的项目", "88", actual))).await;
    assert!(other.status == 422 && other.text.contains("其他项目请另行导出"), "{}", other.text);
    let late = enters.upload("/import", &[], ("f.xlsx", &made(name, "88", "原来的"))).await;
    assert!(late.status == 422 && late.text.contains("导出之后已有他人修改"), "{}", late.text);
    let preview = enters.upload("/import", &[], ("f.xlsx", &made(name, "88", actual))).await;
    assert!(preview.status == 200 && preview.text.contains("修改 2，"), "{}", preview.text);
    assert_eq!(confirm(&enters, &preview).await.status, 303);
    let now = held(&ground).await.remove(0);
    assert_eq!((now.lines[0].actual.raw(), now.project.execution_reason.as_str()), ("88", "招标推迟"));
    assert_eq!(now.lines[1..], before.lines[1..]);
}

/// A self-evaluation of a township's project is filled in at the township.
#[tokio::test]
async fn not_ours_to_fill() {
    let ground = Ground::new().await;
    let theirs = held(&ground).await.remove(0).project;
    let theirs = Project { code: "T-1".into(), ..theirs };
    let township = crate::ops::ground::code("320581101");
    let records = [row(PROJECT, &theirs.code, serde_json::to_string(&theirs))];
    let put =
        tongpin_store::Put { own: &township, records: &records, at: tongpin_domain::moment::Moment(1), log: false };
    ground.desk.store.put_records(&put).await.expect("writable");
    let enters = ground.reader("enter").await;
    let file = enters.file("/projects/T-1/form.xlsx").await;
    let shown = enters.upload("/import", &[], ("f.xlsx", &file)).await;
    assert!(shown.status == 422 && shown.text.contains("由 320581101 登记"), "{}", shown.text);
}

/// The name of an exported self-evaluation's sheet.
fn evaluation_sheet(file: &[u8]) -> String {
    sheet::identify(&mut Book::open("f", file).expect("a workbook")).expect("readable").expect("a form").sheet
}

/// Where each open cell of an exported self-evaluation stands, a cell of a line by its number: `1.actual`.
fn evaluation_cells(file: &[u8]) -> BTreeMap<String, (u32, u32)> {
    let others = [Definition::of_projects(), Definition::of_lines()];
    let definition = Definition::of_evaluations().clone().described_by(&others);
    let filled = sheet::read(&mut Book::open("f", file).expect("a workbook"), &definition);
    let named = |place: String| match place.strip_prefix("lines.").and_then(|place| place.split_once('.')) {
        Some((id, name)) => format!("{}.{name}", id.split('-').next().unwrap_or_default()),
        None => place,
    };
    filled.expect("a form").cells.into_iter().map(|(place, at)| (named(place), at)).collect()
}

/// The same file with other values in some of its open cells.
fn evaluation_retyped(file: &[u8], cells: &[(&str, &str)]) -> Vec<u8> {
    let (at, name) = (evaluation_cells(file), evaluation_sheet(file));
    let cells: Vec<(u32, u16, &str)> = cells
        .iter()
        .map(|(place, text)| {
            let (row, column) = at[*place];
            (row, u16::try_from(column).expect("few columns"), *text)
        })
        .collect();
    retyped(file, (&name, &name), &cells, |_| {})
}

/// The first cell that says something, in the hidden columns of the first row or below it.
fn first_cell(file: &[u8], text: &str, hidden: bool) -> (u32, u16) {
    let rows = Book::open("f", file).expect("a workbook").cells(&evaluation_sheet(file)).expect("the sheet").rows;
    let mut cells = rows.iter().filter(|(row, _)| (**row == 0) == hidden).flat_map(|(row, cells)| {
        cells.iter().zip(0u16..).filter(|(cell, _)| cell.as_str() == text).map(|(_, column)| (*row, column))
    });
    cells.next().expect("a cell that says it")
}
