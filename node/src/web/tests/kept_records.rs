//! Projects, their indicators and reports by month by forms that the city has published with something of its own.

use serde_json::{Value, json};
use tongpin_console::workbook;
use tongpin_domain::form::{Choice, Definition, FORMS, Field, Given, Kind};
use tongpin_domain::observation::OBSERVATION;

use super::ground::{Ground, Reader, Shown};
use super::hidden;
use super::month::{NO_FILE, observation, report, township};
use crate::ops::editing;
use crate::records;

const CODE: &str = "32058124T000000000101";

fn json(form: &Definition) -> String {
    assert_eq!(form.check(), []);
    serde_json::to_string(form).expect("JSON")
}

fn one_of(name: &str, title: &str, texts: &[(&str, &str)]) -> Field {
    let choice =
        |(code, text): &(&str, &str)| Choice { code: (*code).to_owned(), text: (*text).to_owned(), retired: false };
    Field { choices: texts.iter().map(choice).collect(), ..Field::new(name, title, Kind::OneOf) }
}

/// A form of projects that asks for 民生实事 and an amount, and says 实施部门 in place of 主管部门.
fn projects() -> Definition {
    let mut form = Definition::of_projects().clone();
    form.fields.push(one_of("livelihood", "民生实事", &[("city", "市级实事"), ("county", "县级实事")]));
    form.fields.push(Field::new("debt", "其中：专项债券", Kind::Money));
    form.fields.iter_mut().filter(|field| field.name == "department").for_each(|field| field.title = "实施部门".into());
    form.layout.blocks[0].fields.push("livelihood".into());
    form.layout.blocks[2].fields.push("debt".into());
    form.checks.push(
        serde_json::from_str(
            r#"{"name":"debt","when":{"field":"debt","above":{"field":"budget_adjusted"}},"then":"block","at":"debt",
            "says":"专项债券不超过全年预算数。"}"#,
        )
        .expect("a check"),
    );
    form
}

async fn confirm(reader: &Reader, preview: &Shown) -> Shown {
    let (file, effect) = (hidden(&preview.text, "file"), hidden(&preview.text, "effect"));
    reader.post("/import/confirm", &[("file", &file), ("effect", &effect)]).await
}

async fn held(ground: &Ground) -> tongpin_domain::project::Project {
    records::one(&ground.desk.store, CODE).await.expect("readable").expect("held").project
}

/// A published form of projects is asked for by the page, by the file out and in, and told where a check says so; a
/// file under the old titles and without the new columns leaves what is held.
#[tokio::test]
async fn projects_as_the_city_publishes_them() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    ground.desk.publish(FORMS, "project", &json(&projects()), 7).await;
    let address = format!("/projects/{CODE}");
    let before = held(&ground).await;

    let page = enters.get(&format!("{address}/edit")).await.text;
    assert!(page.contains("市级实事") && page.contains("实施部门") && page.contains("其中：专项债券"), "{page}");
    let version = hidden(&page, "page-version");
    let typed = |more: &[(&'static str, &'static str)]| {
        [&[("page-version", version.as_str()), ("and-checked", "1")][..], more].concat()
    };
    let edit = format!("{address}/edit");
    let over = enters.post(&edit, &typed(&[("livelihood", "city"), ("debt", "9999999999")])).await;
    assert!(over.status == 422 && over.text.contains("专项债券不超过全年预算数"), "{}", over.text);
    let live = enters.post(&format!("{edit}/check"), &typed(&[("debt", "9999999999")])).await;
    assert!(live.status == 200 && live.text.contains("专项债券不超过全年预算数"), "{}", live.text);
    let saved = enters.post(&edit, &typed(&[("livelihood", "city"), ("debt", "1万")])).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let now = held(&ground).await;
    let more =
        [("debt", "10000.00"), ("livelihood", "city")].map(|(name, text)| (name.into(), Given::One(text.into())));
    assert_eq!((now.more, now.department, now.money), (more.into(), before.department, before.money));
    let page = enters.get(&address).await.text;
    assert!(page.contains("市级实事") && page.contains("实施部门"), "{page}");

    let book = enters.file("/import/data/projects.xlsx").await;
    let table = workbook::read("项目.xlsx", &book, &["项目代码"]).expect("a table");
    let at = |title: &str| table.header.iter().position(|head| head == title).expect("a column");
    let row = table.rows.iter().find(|row| row.cells[0] == CODE).expect("its row");
    assert_eq!(
        (row.cells[at("民生实事")].as_str(), row.cells[at("其中：专项债券")].as_str()),
        ("市级实事", "10000.00")
    );
    let again = enters.upload("/import", &[], ("项目.xlsx", &book)).await;
    assert!(again.status == 200 && !again.text.contains("民生实事："), "{}", again.text);
    let line = |cells: &[String]| cells.iter().map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(",");
    let mut cells = row.cells.clone();
    cells[at("民生实事")] = "县级实事".into();
    let file = format!("{}\n{}\n", line(&table.header), line(&cells));
    let preview = enters.upload("/import", &[], ("项目.csv", file.as_bytes())).await;
    assert!(preview.text.contains("民生实事：市级实事 → 县级实事"), "{}", preview.text);
    assert_eq!(confirm(&enters, &preview).await.status, 303);
    cells[at("民生实事")] = "省级实事".into();
    let wrong = format!("{}\n{}\n", line(&table.header), line(&cells));
    let told = enters.upload("/import", &[], ("项目.csv", wrong.as_bytes())).await;
    assert!(told.status == 422 && told.text.contains("市级实事、县级实事"), "{}", told.text);

    // A file from before the release: the old title heads its column, and what it lacks stays.
    let kept: Vec<usize> = (0..table.header.len()).filter(|at| *at < at_of(&table.header, "民生实事")).collect();
    let old: Vec<String> = kept.iter().map(|at| table.header[*at].replace("实施部门", "主管部门")).collect();
    let values: Vec<String> = kept.iter().map(|at| cells[*at].clone()).collect();
    let file = format!("{}\n{}\n", line(&old), line(&values).replace("卫生健康委员会", "财政局"));
    let preview = enters.upload("/import", &[], ("旧.csv", file.as_bytes())).await;
    assert_eq!(preview.status, 200, "{}", preview.text);
    assert_eq!(confirm(&enters, &preview).await.status, 303);
    let now = held(&ground).await;
    assert_eq!((now.department.as_str(), now.more.get("livelihood")), ("财政局", Some(&Given::One("county".into()))));
}

/// What the city no longer asks is in no template, and stays where a file comes back without it; a required field that
/// such a file says nothing about is not missing where it is held.
#[tokio::test]
async fn what_is_no_longer_asked() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let before = held(&ground).await;
    let mut form = projects();
    form.fields.iter_mut().filter(|field| field.name == "func_code").for_each(|field| field.retired = true);
    form.fields.iter_mut().filter(|field| field.name == "debt").for_each(|field| field.required = true);
    ground.desk.publish(FORMS, "project", &json(&form), 7).await;
    let edit = format!("/projects/{CODE}/edit");
    let version = hidden(&enters.get(&edit).await.text, "page-version");
    let saved = enters.post(&edit, &[("page-version", &version), ("and-checked", "1"), ("debt", "1万")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let line = |cells: Vec<String>| cells.iter().map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(",");
    let book = enters.file("/import/data/projects.xlsx").await;
    let table = workbook::read("项目.xlsx", &book, &["项目代码"]).expect("a table");
    let row = table.rows.iter().find(|row| row.cells[0] == CODE).expect("its row");
    let of = |name: &str| table.header.iter().position(|head| head == name);
    let wanted: Vec<usize> =
        (0..table.header.len()).filter(|at| ![of("功能科目编码"), of("其中：专项债券")].contains(&Some(*at))).collect();
    let pick = |cells: &[String]| wanted.iter().map(|at| cells[*at].clone()).collect::<Vec<_>>();
    let cells = line(pick(&row.cells)).replace("卫生健康委员会", "财政局");
    let file = format!("{}\n{cells}\n", line(pick(&table.header)));
    let preview = enters.upload("/import", &[], ("项目.csv", file.as_bytes())).await;
    assert!(preview.status == 200 && !preview.text.contains("debt"), "{}", preview.text);
    assert_eq!(confirm(&enters, &preview).await.status, 303);
    let now = held(&ground).await;
    assert_eq!((now.func_code, now.department.as_str()), (before.func_code, "财政局"));
    assert_eq!(now.more.get("debt"), Some(&Given::One("10000.00".into())));
}

/// A table is known by the form that it is of, under the titles that the city gives: a month's file whose 月份 is called
/// otherwise, and a file of projects with a field that is called 月份.
#[tokio::test]
async fn known_by_their_titles() {
    let ground = township().await;
    let enters = ground.reader("enter").await;
    let mut months = Definition::of_months().clone();
    months.fields.iter_mut().filter(|field| field.name == "month").for_each(|field| field.title = "所属期".into());
    ground.desk.publish(FORMS, "observation", &json(&months), 7).await;
    let file = "项目代码,年度,所属期,本月支出（元）\nT1,2026,11,8\n";
    let preview = enters.upload("/import", &[], ("月.csv", file.as_bytes())).await;
    assert!(preview.status == 200 && preview.text.contains("按月填报"), "{}", preview.text);

    let mut form = Definition::of_projects().clone();
    form.fields.push(Field::new("opened", "月份", Kind::Line));
    ground.desk.publish(FORMS, "project", &json(&form), 8).await;
    let book = enters.file("/import/data/projects.xlsx").await;
    let again = enters.upload("/import", &[], ("项目.xlsx", &book)).await;
    assert!(again.status == 200 && again.text.contains("项目.xlsx（项目）"), "{}", again.text);
}

fn at_of(header: &[String], title: &str) -> usize {
    header.iter().position(|head| head == title).expect("a column")
}

/// A form of projects with a part that this program does not know: nothing is entered by it, and it says why.
#[tokio::test]
async fn projects_of_a_newer_program() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let book = enters.file("/import/data/projects.xlsx").await;
    let mut form = serde_json::to_value(projects()).expect("JSON");
    form["fields"][29]["kind"] = "hologram".into();
    ground.desk.publish(FORMS, "project", &form.to_string(), 7).await;
    let page = enters.get(&format!("/projects/{CODE}/edit")).await.text;
    assert!(page.contains("本程序不认识") && !page.contains("name=\"project_name\""), "{page}");
    let told = enters.upload("/import", &[], ("项目.xlsx", &book)).await;
    assert!(told.status == 422 && told.text.contains("本程序不认识"), "{}", told.text);
}

/// Fields that the city adds to indicators come and go with their file, and stay when a page writes the lines.
#[tokio::test]
async fn indicators_as_the_city_publishes_them() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let mut form = Definition::of_lines().clone();
    form.fields.push(Field { longest: Some(30), ..Field::new("source", "数据来源", Kind::Line) });
    ground.desk.publish(FORMS, "project_indicator", &json(&form), 7).await;
    let book = enters.file("/import/data/indicators.xlsx").await;
    let table = workbook::read("指标.xlsx", &book, &["项目代码"]).expect("a table");
    let at = at_of(&table.header, "数据来源");
    let line = |cells: &[String]| cells.iter().map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(",");
    let rows = table.rows.iter().filter(|row| row.cells[0] == CODE).map(|row| {
        let mut cells = row.cells.clone();
        cells[at] = "统计年鉴".into();
        line(&cells)
    });
    let rows: Vec<String> = rows.collect();
    let file = format!("{}\n{}\n", line(&table.header), rows.join("\n"));
    let preview = enters.upload("/import", &[], ("指标.csv", file.as_bytes())).await;
    assert!(preview.text.contains("数据来源：（空） → 统计年鉴"), "{}", preview.text);
    assert_eq!(confirm(&enters, &preview).await.status, 303);
    let all = || async { records::one(&ground.desk.store, CODE).await.expect("readable").expect("held").lines };
    let given = Given::One("统计年鉴".into());
    assert!(all().await.iter().all(|line| line.more.get("source") == Some(&given)));

    let address = format!("/projects/{CODE}/goal/indicators");
    let page = enters.get(&address).await.text;
    let (version, first) = (hidden(&page, "version"), &all().await[0]);
    let is = first.indicator_code.clone().unwrap_or_else(|| first.name.clone());
    let fields = [("version", version.as_str()), ("is-1", &is), ("target-1", "77")];
    let saved = enters.post(&address, &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let now = all().await;
    assert!(now[0].target.raw() == "77" && now.iter().all(|line| line.more.get("source") == Some(&given)));

    let page = enters.get(&address).await.text;
    assert!(page.contains("数据来源") && page.contains("name=\"more.source-1\""), "{page}");
    let version = hidden(&page, "version");
    let long = "统".repeat(31);
    let typed = |text: &str| {
        let fields = [("version", version.as_str()), ("is-1", is.as_str()), ("more.source-1", text)];
        fields.map(|(name, text)| (name.to_owned(), text.to_owned()))
    };
    let sent = |fields: [(String, String); 3]| {
        let enters = &enters;
        let address = &address;
        async move {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            enters.post(address, &fields).await
        }
    };
    let refused = sent(typed(&long)).await;
    assert!(refused.status == 422 && refused.text.contains("more.source-1-error"), "{}", refused.text);
    assert_eq!(sent(typed("年度决算")).await.status, 303);
    let now = all().await;
    assert_eq!(now[0].more.get("source"), Some(&Given::One("年度决算".into())));
    assert_eq!(now[1].more.get("source"), Some(&given));
}

/// A form of indicators with a part that this program does not know: the page of a goal's indicators is read only, and
/// says why.
#[tokio::test]
async fn indicators_of_a_newer_program() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let address = format!("/projects/{CODE}/goal/indicators");
    let version = hidden(&enters.get(&address).await.text, "version");
    let mut form = Definition::of_lines().clone();
    form.fields.push(Field::new("source", "数据来源", Kind::Line));
    let mut form = serde_json::to_value(&form).expect("JSON");
    form["fields"][18]["kind"] = "hologram".into();
    ground.desk.publish(FORMS, "project_indicator", &form.to_string(), 7).await;
    let page = enters.get(&address).await.text;
    assert!(page.contains("本程序不认识") && !page.contains("name=\"target-1\""), "{page}");
    let refused = enters.post(&address, &[("version", &version), ("target-1", "77")]).await;
    assert!(refused.status == 409 && refused.text.contains("本程序不认识"), "{}", refused.text);
}

/// What the city asks of projects beside is a column of their list and of its export: shown if the form names it as
/// one, else for whoever chooses it; amounts are in yuan, choices in their words, and what nobody said is no zero.
#[tokio::test]
async fn what_the_city_asks_is_in_the_list() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let own = enters.get("/projects").await.text;
    let mut form = projects();
    form.fields.push(Field::new("story", "事由", Kind::Text));
    form.layout.blocks[0].fields.push("story".into());
    form.list.columns = vec!["livelihood".into()];
    ground.desk.publish(FORMS, "project", &json(&form), 7).await;
    let mut held = records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    let version = editing::version(&held);
    let said = [("livelihood", "city"), ("debt", "1200.50"), ("story", "扩容")];
    held.project.more.extend(said.map(|(name, text)| (name.to_owned(), Given::One(text.to_owned()))));
    editing::save(&ground.app, &version, &held.project, &held.lines).await.expect("saved");

    let heads = |page: &str| page.split("<th scope=\"col\"").skip(1).count();
    let list = enters.get("/projects").await.text;
    assert_eq!(heads(&list), heads(&own) + 1, "{list}");
    assert!(list.contains("<td>市级实事</td>") && list.contains("民生实事") && !list.contains("1,200.50"), "{list}");
    assert!(list.contains("其中：专项债券（元）") && !list.contains("事由"), "it can be chosen: {list}");
    let chosen = enters.get("/projects?column=code&column=more.debt").await.text;
    assert!(chosen.contains("<td class=\"number\">1,200.50</td>") && !chosen.contains("<td>市级实事</td>"), "{chosen}");
    assert_eq!(chosen.matches("<td class=\"number\">—</td>").count(), 5, "of the others nothing was said: {chosen}");
    let csv = enters.get("/projects?column=code&column=more.debt&column=more.livelihood&format=csv").await.text;
    assert!(csv.contains("项目代码,民生实事,其中：专项债券（元）"), "{csv}");
    assert!(csv.contains(&format!("{CODE},市级实事,1200.50")), "{csv}");
}

/// A month asks what the city asks beside: on its page, in its file, and in what another system sends; what nobody
/// says anything about stays.
#[tokio::test]
async fn months_as_the_city_publishes_them() {
    let ground = township().await;
    let enters = ground.reader("enter").await;
    let mut form = Definition::of_months().clone();
    form.fields.push(Field {
        required: true, ..one_of("stage", "形象进度", &[("a", "主体施工"), ("b", "竣工验收")])
    });
    form.fields.push(Field { longest: Some(5), ..Field::new("risk", "风险点", Kind::Text) });
    ground.desk.publish(FORMS, "observation", &json(&form), 7).await;
    let page = enters.get("/month/T1?month=2026-11").await.text;
    assert!(page.contains("上级表单另要求填报") && page.contains("主体施工") && page.contains("风险点"), "{page}");
    let long =
        report(&enters, &[("spent", "7"), ("opening", "0"), ("stage", "a"), ("risk", "一二三四五六")], NO_FILE).await;
    assert!(long.status == 422 && long.text.contains("最多 5 字"), "{}", long.text);
    let saved =
        report(&enters, &[("spent", "7"), ("opening", "200000"), ("stage", "a"), ("risk", "汛期")], NO_FILE).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let it = observation(&ground, "T1/2026-11").await;
    assert_eq!(it.more.get("stage"), Some(&Given::One("a".into())));
    assert!(enters.get("/month/T1?month=2026-11").await.text.contains("形象进度：主体施工"));
    let list = enters.get("/month?month=2026-11").await.text;
    assert!(list.contains("形象进度") && !list.contains("<td>主体施工</td>") && !list.contains("风险点"), "{list}");
    let chosen = enters.get("/month?month=2026-11&column=more.stage").await.text;
    assert!(chosen.contains("<td>主体施工</td>"), "{chosen}");
    let earlier = enters.get("/month?month=2026-10&column=more.stage").await.text;
    assert!(earlier.contains("<td>—</td>") && !earlier.contains("<td>主体施工</td>"), "{earlier}");

    let head = "项目代码,年度,月份,本月支出（元）,形象进度\n";
    let file = format!("{head}T1,2026,11,8,竣工验收\n");
    let preview = enters.upload("/import", &[], ("月.csv", file.as_bytes())).await;
    assert!(preview.text.contains("形象进度：主体施工 → 竣工验收"), "{}", preview.text);
    assert_eq!(confirm(&enters, &preview).await.status, 303);
    let it = observation(&ground, "T1/2026-11").await;
    let given = |name: &str| it.more.get(name).cloned();
    assert_eq!((given("stage"), given("risk")), (Some(Given::One("b".into())), Some(Given::One("汛期".into()))));
    let kept = ground.desk.store.records(OBSERVATION, None).await.expect("readable");
    let body: Value = serde_json::from_str(&kept.last().expect("a record").body).expect("JSON");
    assert_eq!(body["more"], json!({ "stage": "b", "risk": "汛期" }));
    let book = enters.file("/import/data/observations.xlsx?month=2026-11").await;
    let table = workbook::read("月.xlsx", &book, &["项目代码"]).expect("a table");
    assert_eq!(table.rows[0].cells[at_of(&table.header, "形象进度")], "竣工验收");
}
