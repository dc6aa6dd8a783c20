//! Files that went wrong in offices' hands, word for word as they were sent (`tests/cases`), through the program: each
//! gives the right value, or is refused or set aside with the cell, the line or the two sides of the contradiction
//! named. The values are worked out by hand.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use tongpin_domain::money::Fen;
use tongpin_tests::demo::{DataFolder, samples};
use tongpin_tests::process::{Bureau, Program, Running};
use tongpin_tests::reader::{Answer, Reader};

use crate::former_code::{line, rewritten, submit};
use crate::ground::{APPROVER, DRAFTER, Ground, ended, text};

const PASSWORD: &str = "Harvest-canal-48";

fn case(name: &str) -> String {
    text(&PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/cases")).join(name))
}

/// A node under a city that has published its rules.
fn joined(ground: &Ground, hub: &Running, region: &str) -> Result<Bureau> {
    let invited = ground.hub.ask(&["invite", region, "--address", &hub.listen, "--by", DRAFTER])?;
    let node = Bureau::new(Program::Node, ground.folder.path(), region);
    node.run(&["join", invited["token"].as_str().context("a token")?])?;
    Ok(node)
}

/// Somebody who enters at a console.
fn enters(node: &Bureau, running: &Running) -> Result<Reader> {
    let add = ["account", "add", "jingban", "--display", "经办-001", "--duties", "enter", "--password-stdin"];
    node.run_told(&add, PASSWORD)?;
    Reader::sign_in(&running.page, "jingban", PASSWORD)
}

/// What a project and its lines are worth.
struct Worth {
    file: &'static str,
    code: &'static str,
    status: &'static str,
    /// The total; none where a person has to decide, or the data are wrong.
    total: Option<&'static str>,
    /// What of it is told to whoever asks how it came about.
    said: &'static [&'static str],
}

const WORTHS: [Worth; 8] = [
    // ≤ 30, reached 60, with the method for ≥: by the nature 30 ÷ 60 × 90 = 45.00, and 10 for the execution.
    Worth {
        file: "contrary_nature",
        code: "32058124T000007000001",
        status: "REVIEW",
        total: None,
        said: &["指标性质“≤”与赋分方法“比例法 PROP_UP”矛盾", "45.00", "总分为 55.00；复核前不计"],
    },
    // ≤ 5 %, and 0.12 is a spreadsheet's 12 %: 5 ÷ 12 × 90 = 37.50.
    Worth {
        file: "fraction_for_percent",
        code: "32058124T000007000003",
        status: "REVIEW",
        total: None,
        said: &["完成值却是 0.12，可能是电子表格里的 12 %", "37.50", "总分为 47.50；复核前不计"],
    },
    Worth {
        file: "percent_for_pieces",
        code: "32058124T000007000005",
        status: "REVIEW",
        total: None,
        said: &["完成值“95%”的单位与本指标的度量单位“件”不一致"],
    },
    // The floor of 60 is a share of the 9 that are aimed at: 8.5 ÷ 9 × 90 = 85.00.
    Worth {
        file: "satisfaction_of_ten_points",
        code: "32058124T000007000006",
        status: "SCORED",
        total: Some("95.00"),
        said: &["完成值 8.5 ÷ 指标值 9 × 分值 90 = 85.00"],
    },
    Worth {
        file: "average_of_fifteen_digits",
        code: "32058124T000007000007",
        status: "SCORED",
        total: Some("100.00"),
        said: &["93.3333333333333 ≥ 指标值 90"],
    },
    // 46.8万 under （万人次）, of 50: 46.8 ÷ 50 × 90 = 84.24, if that is what is meant.
    Worth {
        file: "ten_thousands_twice",
        code: "32058124T000007000008",
        status: "REVIEW",
        total: None,
        said: &["完成值“46.8万”已带数量级，度量单位“（万人次）”也带", "84.24"],
    },
    Worth {
        file: "total_zero_parts_not",
        code: "32058124T000007000010",
        status: "DATA_ERROR",
        total: None,
        said: &["全年预算数 0.00 与各部分之和不符", "899740.00", "到位数 899,740.00 与全年预算数矛盾"],
    },
    // 498,800 of 1,000,000: 4.99, and a reason is due.
    Worth {
        file: "execution_reason_due",
        code: "32058124T000007000013",
        status: "SCORED",
        total: Some("94.99"),
        said: &["执行率 49.88 % 低于 90 %，请说明原因"],
    },
];

/// Projects with their lines, entered at 320581 and scored under the city's rules: each has the right total or none,
/// and the explanation names what stands against what.
#[test]
fn scored() -> Result<()> {
    let ground = Ground::found()?;
    ground.publish("rules", "rules.toml")?;
    let hub = ground.hub.serve()?;
    let node = joined(&ground, &hub, "320581")?;
    let running = node.serve()?;
    ground.hub.run(&["wait", "--timeout", "60"])?;
    for Worth { file, .. } in WORTHS {
        let (projects, lines) = (case(&format!("{file}_projects.csv")), case(&format!("{file}_indicators.csv")));
        node.run(&["import", "projects", &projects, "--indicators", &lines])?;
    }
    // Shown as 251.89万元, kept as 251.89: what is seen is meant.
    node.run(&["import", "projects", &case("cells_shown_as_ten_thousands.xlsx")])?;
    let scores = node.ask(&["score"])?;
    for Worth { code, status, total, said, .. } in WORTHS {
        let mut lines = scores["projects"].as_array().into_iter().flatten();
        let line = lines.find(|line| line["project_code"] == code).with_context(|| format!("{code} in {scores}"))?;
        assert_eq!((line["status"].as_str(), line["total"].as_str()), (Some(status), total), "{code}");
        let explained = node.run(&["score", "--project", code])?;
        for words in said {
            ensure!(explained.contains(words), "{code}: no {words} in\n{explained}");
        }
    }
    let shown = node.ask(&["score", "--project", "32058124T000007000021"])?;
    let yuan = Fen(251_890_000).0;
    assert_eq!((shown["sheet"]["budget"].as_i64(), shown["sheet"]["executed"].as_i64()), (Some(yuan), Some(yuan)));

    // The reason that is due has its place, and until something stands there nothing is complete.
    let reader = enters(&node, &running)?;
    let page = reader.get("/projects/32058124T000007000013/evaluation")?.text();
    ensure!(page.contains("name=\"execution_reason\"") && !page.contains("各项已填写完整"), "{page}");
    ensure!(page.contains("还没有写执行率偏低的原因"), "{page}");
    Ok(())
}

/// Files that no right value can be made of are refused with the place and what to do, by the command and on the page
/// alike, and nothing of them is entered.
#[test]
fn refused() -> Result<()> {
    let ground = Ground::found()?;
    let hub = ground.hub.serve()?;
    let node = joined(&ground, &hub, "320581")?;
    let running = node.serve()?;
    let reader = enters(&node, &running)?;
    let projects = case("code_in_scientific_notation_projects.csv");
    let lines = case("code_in_scientific_notation_indicators.csv");
    let spoilt = "code_in_scientific_notation_projects.csv 第 2 行 project_code 列为“3.20581E+20”，应为：完整的代码";
    let hours = "Sheet!J2 是时间或时长";
    let page = "这是网页，请另存为 .xlsx";
    let byte = "one_bad_byte.csv 第 3 行不是 UTF-8 或 GB18030 文本";
    // What the command says, and what stands on the page.
    let refusals: [(&[&str], [&str; 2]); 4] = [
        (&["projects", &projects, "--indicators", &lines], [spoilt, ">3.20581E+20<"]),
        (&["indicators", &case("duration_for_hours.xlsx")], [hours; 2]),
        (&["indicators", &case("page_named_xls.xls")], [page; 2]),
        (&["indicators", &case("one_bad_byte.csv")], [byte; 2]),
    ];
    for (arguments, [said, shown]) in refusals {
        let (exit, listed, told) = ended(&node.try_run(&[&["import"], arguments].concat())?);
        let told = listed + &told;
        ensure!(exit == 3 && told.contains(said), "{arguments:?}: {exit} {told}");
        let answer = sent(&reader, arguments[1])?;
        let page = answer.text();
        ensure!(answer.status == 422 && page.contains(shown) && !page.contains("确认导入"), "{shown}: {page}");
    }
    // What a command does not import is told what it is, and where it belongs.
    let folder = text(ground.folder.path());
    let elsewhere: [(&str, &str, &str); 4] = [
        ("projects", &case("form_relabelled.xlsx"), "这是填好的表单；请在管理页面的“导入”页上传"),
        ("projects", &case("form_indicators.csv"), "这是项目绩效指标表，不是项目表；请用 import indicators"),
        ("indicators", &case("form_projects.csv"), "这是项目表，不是项目绩效指标表；请用 import projects"),
        ("projects", &folder, "是文件夹，不是文件"),
    ];
    for (what, file, said) in elsewhere {
        let (exit, listed, told) = ended(&node.try_run(&["import", what, file])?);
        // The command's sentence and what to do stand on two lines.
        let told = (listed + &told).replace("\n怎么办：", "；");
        ensure!(exit == 3 && told.contains(said), "{what} {file}: {exit} {told}");
    }
    let held = node.ask(&["status"])?;
    ensure!(held["records"]["project"].as_u64().unwrap_or_default() == 0, "{held}");
    Ok(())
}

/// Sends a file as the page of imports takes it.
fn sent(reader: &Reader, path: &str) -> Result<Answer> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    reader.upload("/import", name, &std::fs::read(path)?)
}

/// Both forms were exported from the project 32058124T000000900001, whose first line was at 95. One was copied and
/// relabelled for another project: it is refused and not written to the first. The other comes back when the line is at
/// 99: the 99 stays, and both values are told.
#[test]
fn forms() -> Result<()> {
    let ground = Ground::found()?;
    let hub = ground.hub.serve()?;
    let node = joined(&ground, &hub, "320581")?;
    let running = node.serve()?;
    // The project that the forms are of comes as a table; its lines are those that the forms print.
    node.run(&["import", "projects", &case("form_projects.csv"), "--indicators", &case("form_indicators.csv")])?;
    let reader = enters(&node, &running)?;
    let relabelled = sent(&reader, &case("form_relabelled.xlsx"))?;
    let page = relabelled.text();
    ensure!(relabelled.status == 422 && !page.contains("确认导入"), "{page}");
    ensure!(page.contains("写的是“测试另一个项目”"), "{page}");
    ensure!(page.contains("这张表是从 32058124T000000900001 导出的"), "{page}");
    let older = sent(&reader, &case("form_older_than_record.xlsx"))?;
    let page = older.text();
    ensure!(older.status == 422 && !page.contains("确认导入"), "{page}");
    ensure!(page.contains(">G13<") && page.contains(">95<") && page.contains("“99”"), "{page}");
    let kept = reader.get("/projects/32058124T000000900001")?.text();
    ensure!(kept.contains("99") && !kept.contains("满意度调查样本不足"), "{kept}");
    Ok(())
}

/// 320585 becomes 320586 by the city's file: the county enters under either code, scores, reports and is rolled up
/// under the new one, with the 92.57 that the samples' independent computation has.
#[test]
fn division_with_a_new_code() -> Result<()> {
    let ground = Ground::found()?;
    ground.publish("rules", "rules.toml")?;
    ground.publish("regions", "regions.csv")?;
    let hub = ground.hub.serve()?;
    let county = joined(&ground, &hub, "320585")?;
    let _running = county.serve()?;
    ground.hub.run(&["wait", "--timeout", "60"])?;
    ground.publish_file("regions", &case("divisions_with_a_new_code.csv"))?;
    ground.hub.run(&["wait", "--timeout", "60"])?;
    let data = DataFolder::read(samples())?;
    let own = data.counties.iter().find(|county| county.code == "320585").context("the county")?;
    let (projects, lines) = data.write_entries(own, &ground.folder.path().join("own"))?;
    county.run(&["import", "projects", &text(&projects), "--indicators", &text(&lines)])?;
    let renamed = rewritten(&projects, &ground.folder.path().join("renamed.csv"), |mut cells| {
        cells[3] = cells[3].replace("320585", "320586");
        Some(cells)
    })?;
    county.run(&["import", "projects", &renamed])?;
    county.run(&["score"])?;
    let open = ["collect", "open", "--template", "county-scores", "--id", "after", "--period", "2024"];
    let due = ["--due", "2099-03-31", "--by", DRAFTER, "--approved-by", APPROVER];
    ground.hub.run(&[&open[..], &due].concat())?;
    ground.hub.run(&["wait", "--timeout", "60"])?;
    submit(&county, "after")?;
    assert_eq!(line(&ground.hub, "after", "320586")?, (1, "\"92.57\"".into()));
    assert_eq!(line(&ground.hub, "after", "320585")?.0, 0);
    Ok(())
}
