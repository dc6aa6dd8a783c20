//! 表单: a form that nobody here thought of, from an officer's workbook to the city's roll-up, with no line of code and
//! no program started anew.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use rust_xlsxwriter::Workbook;
use tongpin_tests::process::{Bureau, Running};
use tongpin_tests::reader::{Answer, Reader};

use crate::ground::{APPROVER, DRAFTER, Ground, until};

const PASSWORD: &str = "Cedar-2026-forest";
const FORM: &str = "snow_dispatch";

/// A sheet: its name, its columns, its rows.
type Sheet = (&'static str, &'static str, &'static [&'static str]);

/// What an officer writes: titles where a program would want codes, and nothing that is not needed.
const BOOK: [Sheet; 7] = [
    (
        "表单",
        "项目|内容",
        &[
            "编码|snow_dispatch",
            "表名|除雪保畅补助资金季度调度表",
            "阶段|运行监控",
            "填报对象|地区",
            "填报频次|季度",
            "金额单位|万元",
            "签字栏|填报人、审核人",
        ],
    ),
    (
        "字段",
        "所属明细表|名称|中文名|类型|必填|选项|计算|显示条件|可归集|小数位|单位|填报层级",
        &[
            "|issued|本季下达资金|金额|是||||合计||",
            "|roads|路段|明细表|是||||||",
            "路段|road|路线编号|编码|是||||||",
            "路段|grade|等级|单选|是|县道、乡道、村道|||分组||",
            "路段|km|里程|小数|是||||合计|3|公里",
            "路段|paid|已支付|金额|是||||合计||",
            "|paid_total|已支付合计|金额|||合计(路段.已支付)||合计||",
            "|rate|支付率|百分比|||占比(已支付合计, 本季下达资金)||||",
            "|reason|偏差原因|多行文本||||支付率 小于 30|||",
            "|granted|核定补助|金额|是||||合计|||县级财政",
            "路段|opinion|县级意见|单行文本||||||||县级财政",
        ],
    ),
    ("选项", "组名|编码|名称", &[]),
    (
        "校验",
        "名称|条件|处理|提示语|定位字段|原因字段",
        &[
            "overpaid|已支付合计 大于 本季下达资金|不得送审|已支付超过下达资金，请核对|已支付合计|",
            "behind|支付率 小于 30|须说明原因|支付率低于 30%，请填写偏差原因|支付率|偏差原因",
        ],
    ),
    (
        "状态",
        "名称|代号|可填写|计入汇总|时限天数|工作日",
        &["草稿|draft|是|||", "县级审核|review|||5|是", "已批复|approved||是||"],
    ),
    (
        "步骤",
        "名称|代号|从|到|层级|岗位|须填完整|须写原因|须由他人|动作",
        &[
            "送县财政审核|submit|草稿|县级审核|填报单位|经办|是|||",
            "批复|approve|县级审核|已批复|县级财政|审核|是|||冻结",
            "退回|return|县级审核|草稿|县级财政|审核||是||",
            "申请调整|adjust|已批复|草稿|填报单位|经办||是||新版本",
        ],
    ),
    ("版式", "块|块标题|字段|明细表|分组标题", &[]),
];

/// Writes the workbook, each line of it changed, with lines more in some sheets.
fn book(path: &Path, more: &[(&str, &str)], change: impl Fn(&str) -> String) -> Result<()> {
    let mut workbook = Workbook::new();
    for (name, header, rows) in BOOK {
        let sheet = workbook.add_worksheet().set_name(name)?;
        let more = more.iter().filter(|(sheet, _)| *sheet == name).map(|(_, line)| *line);
        for (row, line) in (0u32..).zip(std::iter::once(header).chain(rows.iter().copied()).chain(more)) {
            for (column, cell) in (0u16..).zip(change(line).split('|')) {
                sheet.write_string(row, column, cell)?;
            }
        }
    }
    Ok(workbook.save(path)?)
}

fn account(bureau: &Bureau, name: &str, duty: &str) -> Result<()> {
    let arguments = ["account", "add", name, "--display", name, "--duties", duty, "--password-stdin"];
    bureau.run_told(&arguments, PASSWORD).map(drop)
}

fn reader(running: &Running, name: &str) -> Result<Reader> {
    Reader::sign_in(&running.page, name, PASSWORD)
}

/// Sends the form of a page that leads to `action`, with these fields put in.
fn send(reader: &Reader, page: &str, action: &str, typed: &[(&str, &str)]) -> Result<Answer> {
    let shown = reader.get(page)?;
    let mut fields = shown.form(action).with_context(|| format!("{page} has no form to {action}: {}", shown.text()))?;
    for (name, value) in typed {
        fields.retain(|(known, _)| known != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    reader.post(action, &fields)
}

fn shows(reader: &Reader, page: &str, words: &[&str]) -> Result<bool> {
    let text = reader.get(page)?.text();
    Ok(words.iter().all(|word| text.contains(word)))
}

/// The rows that the township fills in.
const ROWS: [(&str, &str); 10] = [
    ("issued", "120"),
    ("roads.rows", "n1,n2"),
    ("roads.n1.road", "Y001320581"),
    ("roads.n1.grade", "乡道"),
    ("roads.n1.km", "12.5"),
    ("roads.n1.paid", "30"),
    ("roads.n1.builder", "第一养护公司"),
    ("roads.n2.road", "C017320581"),
    ("roads.n2.grade", "村道"),
    ("roads.n2.km", "3.25"),
];

/// An officer's workbook is refused at its cell, mended and published; a township fills the form in, is refused for
/// what is missing, hands it on, gets it back with a reason, corrects it; the county approves; the township adjusts it;
/// the city collects what was approved, and its sums are those that were worked out by hand.
#[test]
fn from_a_workbook_to_the_roll_up() -> Result<()> {
    let mut ground = Ground::found()?;
    let [hub, county, township] = &ground.run_all()?;
    ground.publish("regions", "regions.csv")?;
    for (bureau, name, duty) in [
        (&ground.township, "jingban", "enter"),
        (&ground.county, "shenhe", "approve"),
        (&ground.county, "xian-jingban", "enter"),
        (&ground.county, "chakan", "read"),
        (&ground.hub, "shi-chakan", "read"),
    ] {
        account(bureau, name, duty)?;
    }

    // A formula that names no field is told in the words of the workbook, and nothing becomes of it.
    let bad = ground.folder.path().join("bad.xlsx");
    book(&bad, &[], |line| line.replace("合计(路段.已支付)", "合计(路段.已付款)"))?;
    let refused = ground.hub.try_run(&["import", "forms", &crate::ground::text(&bad), "--by", DRAFTER])?;
    let told = format!("{}{}", String::from_utf8_lossy(&refused.stdout), String::from_utf8_lossy(&refused.stderr));
    ensure!(!refused.status.success() && told.contains("已付款"), "{told}");
    let good = ground.folder.path().join("good.xlsx");
    book(&good, &[], str::to_owned)?;
    ground.publish_file("forms", &crate::ground::text(&good))?;

    // The township has it within seconds.
    let town = reader(township, "jingban")?;
    until("the form is at the township", || shows(&town, "/forms", &["除雪保畅补助资金季度调度表"]))?;
    adds(&ground, &reader(county, "xian-jingban")?, &reader(county, "shenhe")?)?;
    let form = format!("/forms/{FORM}");
    until("what the county adds is at the township", || shows(&town, &format!("{form}/help"), &["施工单位"]))?;
    let begun = send(&town, &format!("{form}/new"), &format!("{form}/new"), &[("period", "2026Q3")])?;
    let edit = begun.location().context("a document begins")?.to_owned();
    let document = edit.trim_end_matches("/edit").to_owned();
    let again = send(&town, &format!("{form}/new"), &format!("{form}/new"), &[("period", "2026Q3")])?;
    ensure!(again.status == 422 && again.text().contains("已有此单据"), "one a quarter: {}", again.text());

    // What cannot be read is told at its cell, and nothing is lost; what is missing keeps it from being handed on.
    let unreadable = send(&town, &edit, &edit, &[("issued", "约一百二十万")])?;
    ensure!(unreadable.status == 422 && unreadable.text().contains("约一百二十万"), "{}", unreadable.text());
    ensure!(send(&town, &edit, &edit, &ROWS)?.status == 303, "a draft may have gaps");
    let submit = format!("{document}/step/submit");
    let early = send(&town, &submit, &submit, &[])?;
    ensure!(early.status == 422 && early.text().contains("必填项"), "{}", early.text());

    // As one types: 30 + 5 of 120 is 29.17 %, so that a reason is wanted.
    let mut typed: Vec<(&str, &str)> = ROWS.to_vec();
    typed.retain(|(name, _)| *name != "roads.rows");
    let kept = town.get(&edit)?.text();
    let ids: Vec<String> = row_ids(&kept);
    ensure!(ids.len() == 2, "two rows were kept: {ids:?}");
    let second = format!("roads.{}.paid", ids[1]);
    let checked = send(&town, &edit, &edit, &[(&second, "5")])?;
    ensure!(checked.status == 303, "{}", checked.text());
    ensure!(shows(&town, &document, &["29.17%", "偏差原因"])?, "{}", town.get(&document)?.text());
    let early = send(&town, &submit, &submit, &[])?;
    ensure!(early.status == 422, "no reason was given: {}", early.text());
    ensure!(send(&town, &edit, &edit, &[("reason", "一处路段未验收，10 月支付")])?.status == 303);
    ensure!(send(&town, &submit, &submit, &[])?.status == 303, "handed on");
    let closed = town.get(&edit)?;
    ensure!(closed.status == 409 && closed.text().contains("县级审核"), "{}", closed.text());

    // The county sees it, may not change it, and gives it back with a reason.
    let approver = reader(county, "shenhe")?;
    until("the document is at the county", || shows(&approver, &form, &["县级审核", "35"]))?;
    let part = approver.get(&edit)?;
    ensure!(
        part.status == 200 && part.text().contains("核定补助"),
        "the county has a part of its own: {}",
        part.text()
    );
    ensure!(!part.text().contains("name=\"issued\""), "what the township fills in is not the county's to change");
    let looker = reader(county, "chakan")?;
    ensure!(shows(&looker, &document, &["除雪保畅"])? && !shows(&looker, &document, &["/step/approve"])?);
    let back = format!("{document}/step/return");
    let why = send(&approver, &back, &back, &[])?;
    ensure!(why.status == 422 && why.text().contains("请写明原因"), "{}", why.text());
    ensure!(send(&approver, &back, &back, &[("reason", "村道里程请复核")])?.status == 303);
    until("it is back", || shows(&town, &document, &["村道里程请复核", "草稿"]))?;
    let km = format!("roads.{}.km", ids[1]);
    ensure!(send(&town, &edit, &edit, &[(&km, "4.125")])?.status == 303);
    ensure!(send(&town, &submit, &submit, &[])?.status == 303, "handed on again");

    until("it is at the county again", || shows(&approver, &document, &["4.125", "/step/approve"]))?;
    let opinion = format!("roads.{}.opinion", ids[1]);
    approves(&approver, &reader(county, "xian-jingban")?, &document, &opinion)?;
    until("the township knows", || shows(&town, &document, &["已批复", "申请调整", "95.00", "村道核减"]))?;
    ensure!(shows(&town, &document, &["120.00"])?, "what the township said stands as it said it");

    // The city collects it: 120 万元 issued, 30 + 5 万元 paid, 12.5 + 4.125 km by grade.
    let by = ["--by", DRAFTER, "--approved-by", APPROVER];
    let open = ["collect", "open", "--form", FORM, "--period", "2026Q3", "--due", "2027-01-20"];
    ground.hub.run(&[open.as_slice(), by.as_slice()].concat())?;
    let id = ground.hub.ask(&["collect", "list"])?;
    let id = id[0]["id"].as_str().with_context(|| format!("a collection: {id}"))?.to_owned();
    until("the collection is at the county", || Ok(ground.county.ask(&["collections"])?.to_string().contains(&id)))?;
    let preview = ground.county.ask(&["preview", &id])?.to_string();
    for figure in ["120000000", "35000000", "95000000", "12.5", "4.125", "乡道", "村道"] {
        ensure!(preview.contains(figure), "{figure} is not in {preview}");
    }
    let stays = ["Y001320581", "未验收", "村道核减", "施工单位", "第一养护公司"];
    ensure!(!stays.iter().any(|word| preview.contains(word)), "codes, reasons and opinions stay: {preview}");
    ground.county.run(&["submit", &id, "--by", APPROVER, "--yes"])?;
    let city = reader(hub, "shi-chakan")?;
    let analysis = format!("/analysis/{id}?by=documents.region");
    let arrived =
        until("the report is at the city", || shows(&city, &analysis, &["1,200,000.00", "350,000.00", "950,000.00"]));
    ensure!(arrived.is_ok(), "{arrived:?}: {}", city.get(&analysis)?.text());
    let by_grade = city.get(&format!("/analysis/{id}?by=roads.grade"))?.text();
    ensure!(["乡道", "12.5", "村道", "4.125"].iter().all(|word| by_grade.contains(word)), "{by_grade}");

    adjusts(&town, &document)
}

/// The county adds a column to the city's form, in the workbook of it, and changes nothing that the city
/// asks.
fn adds(ground: &Ground, clerk: &Reader, approver: &Reader) -> Result<()> {
    const PAGE: &str = "/added-to-forms";
    until("the form is at the county", || shows(clerk, PAGE, &["除雪保畅补助资金季度调度表"]))?;
    let path = ground.folder.path().join("added.xlsx");
    let more = [("字段", "路段|builder|施工单位|单行文本||||||||")];
    book(&path, &more, |line| line.replace("本季下达资金|金额|是", "本季下达资金|金额|"))?;
    let refused = clerk.upload(PAGE, "增补.xlsx", &std::fs::read(&path)?)?;
    ensure!(refused.status == 422 && refused.text().contains("不再必填"), "{}", refused.text());
    book(&path, &more, str::to_owned)?;
    let kept = clerk.upload(PAGE, "增补.xlsx", &std::fs::read(&path)?)?;
    ensure!(kept.text().contains("新增字段“施工单位”"), "{}", kept.text());
    let publish = format!("{PAGE}/draft/publish");
    let published = send(approver, PAGE, &publish, &[("sure", "1")])?;
    ensure!(published.status == 303, "{}", published.text());
    Ok(())
}

/// What was approved is adjusted as a new version, and the one before stays in force until that is approved; what the
/// county said of that it says anew of this one.
fn adjusts(town: &Reader, document: &str) -> Result<()> {
    let adjust = format!("{document}/step/adjust");
    ensure!(send(town, &adjust, &adjust, &[("reason", "追加资金")])?.status == 303);
    ensure!(shows(town, document, &["第 2 版", "追加资金", "草稿"])?, "{}", town.get(document)?.text());
    ensure!(!shows(town, document, &["95.00"])?, "what the county said of the version before it says anew of this one");
    ensure!(shows(town, &format!("{document}/versions/1"), &["95.00", "村道核减"])?, "and the one before keeps it");
    Ok(())
}

/// What the county is asked for its clerk fills in, and nothing of the township's; without it nobody approves.
fn approves(approver: &Reader, clerk: &Reader, document: &str, opinion: &str) -> Result<()> {
    let (edit, approve) = (format!("{document}/edit"), format!("{document}/step/approve"));
    let early = send(approver, &approve, &approve, &[])?;
    ensure!(early.status == 422 && early.text().contains("必填项"), "{}", early.text());
    let part = [("granted", "95"), (opinion, "村道核减"), ("issued", "1")];
    ensure!(send(clerk, &edit, &edit, &part)?.status == 303);
    ensure!(send(approver, &approve, &approve, &[])?.status == 303, "approved");
    Ok(())
}

/// The ids of the rows that a page to be filled in holds, but for blank ones.
fn row_ids(page: &str) -> Vec<String> {
    let hidden = page.split("name=\"roads.rows\"").nth(1).and_then(|rest| rest.split("value=\"").nth(1));
    let ids = hidden.and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let filled = |id: &&str| {
        let cell = page.split(&format!("name=\"roads.{id}.road\"")).nth(1);
        cell.and_then(|rest| rest.split('>').next()).is_some_and(|tag| tag.contains("320581"))
    };
    ids.split(',').map(str::trim).filter(|id| !id.is_empty()).filter(filled).map(str::to_owned).collect()
}
