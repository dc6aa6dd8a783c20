//! Forms at the city: seen as sheets, designed without writing a file, and held back where documents could not be read
//! any more.

use tongpin_domain::form::{Definition, Expression, FORMS, Kind};
use tongpin_domain::intake;

use super::*;

const ROAD: &str = include_str!("../../../../samples/forms/road_dispatch.toml");
pub(super) const ENTRY: &str = "/catalogs/forms/entries/road_dispatch";

/// A hub whose form is published, with somebody who drafts and somebody who publishes.
pub(super) async fn published(ground: &Ground) -> (Reader<'_>, Reader<'_>) {
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    let (status, shown) = clerk.import(FORMS, "road_dispatch.toml", ROAD).await;
    assert_eq!(status, 303, "{shown}");
    let (status, shown) = publisher.send("/catalogs/forms/publish", &[("sure", "1")]).await;
    assert_eq!(status, 303, "{shown}");
    (clerk, publisher)
}

/// The form of the draft.
pub(super) async fn drafted(ground: &Ground) -> Option<Definition> {
    let draft = ground.app.store().draft(&ground.app.catalog(FORMS)).await.expect("readable")?;
    let entry = draft.entries.into_iter().find(|entry| entry.key == "road_dispatch")?;
    Some(serde_json::from_str(&entry.body).expect("a form"))
}

/// The form as its file has it.
pub(super) fn sample() -> Definition {
    let read = intake::entry_from_toml(FORMS, "", ROAD.as_bytes());
    let (_, entry) = read.accepted.into_iter().next().expect("an entry");
    serde_json::from_str(&entry.body).expect("a form")
}

/// What a browser would send of a page's form as it stands.
#[derive(Clone)]
pub(super) struct Filled(Vec<(String, String)>);

impl Filled {
    pub(super) fn of(page: &str) -> Self {
        let form = page.split("data-live=\"/catalogs/forms/design/seen\">").nth(1).expect("the form");
        let form = form.split("</form>").next().expect("its end");
        let mut sent = Vec::new();
        let mut select = String::new();
        for tag in form.split('<').skip(1) {
            let (tag, text) = tag.split_once('>').expect("a tag");
            let value = |name: &str| {
                let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
                Some(plain(rest.split('"').next().unwrap_or_default()))
            };
            let name = value("name");
            match (tag.split(' ').next().unwrap_or_default(), name) {
                ("input", _) if tag.contains("type=\"checkbox\"") && !tag.contains(" checked") => {}
                ("input", Some(name)) => sent.push((name, value("value").unwrap_or_default())),
                ("textarea", Some(name)) => sent.push((name, plain(text.strip_prefix('\n').unwrap_or(text)))),
                ("select", Some(name)) => select = name,
                ("option", _) if tag.contains(" selected") => {
                    sent.push((select.clone(), value("value").expect("what it sends")));
                }
                _ => {}
            }
        }
        sent.retain(|(name, _)| name != "csrf");
        Self(sent)
    }

    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    /// The number of the row whose title this is.
    pub(super) fn row(&self, title: &str) -> String {
        let found = self.0.iter().find(|(name, value)| name.ends_with("-title") && value == title);
        let (name, _) = found.expect("a row of that title");
        name.trim_end_matches("-title").to_owned()
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(own, _)| own != name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) async fn send(&self, reader: &Reader<'_>, address: &str) -> (u16, String) {
        let fields: Vec<(&str, &str)> = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        reader.send(address, &fields).await
    }
}

fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// A form among the entries is its sheet, and its fields, formulas, checks and flow in words; its workbook goes out and
/// comes back as the same form.
#[tokio::test]
async fn a_form_is_shown_as_its_sheet() {
    let ground = Ground::new().await;
    let (clerk, publisher) = published(&ground).await;
    let (_, list) = clerk.open("/catalogs/forms/entries").await;
    for told in ["运行监控", "季度", "<td class=\"number\">8</td>"] {
        assert!(list.contains(told), "{told}: {list}");
    }
    let (status, shown) = clerk.open(ENTRY).await;
    assert_eq!(status, 200);
    for told in [
        "class=\"sheet-title\" aria-hidden=\"true\">农村公路养护补助资金季度调度表</p>",
        "支付率 = 已支付合计 ÷ 本季下达资金 × 100%",
        "已支付合计大于本季下达资金",
        "送财政审核",
        "/collections/new?template=form:road_dispatch",
        "打开为 TOML",
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert!(!publisher.open(ENTRY).await.1.contains("打开为 TOML"), "who does not enter changes nothing");
    let book = publisher.file(&format!("{ENTRY}/book.xlsx")).await;
    let (status, shown) = clerk.upload_bytes("/catalogs/forms/draft", &clerk.csrf, "表单.xlsx", &book).await;
    assert!(status == 200 && shown.contains("农村公路养护补助资金季度调度表"), "{shown}");
    assert_eq!(clerk.confirm(FORMS, &shown, "merge").await.0, 303);
    if let Some(form) = drafted(&ground).await {
        assert_eq!(form, sample(), "the same form");
    }
    assert_eq!(clerk.open("/catalogs/forms/entries/none/book.xlsx").await.0, 404);
}

/// Nothing touched, nothing changes. A title that changes takes its formulas along, a new field comes onto the sheet,
/// and what the page does not ask stays; it is all in the draft and nowhere else.
#[tokio::test]
async fn a_form_is_designed() {
    let ground = Ground::new().await;
    let (clerk, _) = published(&ground).await;
    let design = format!("{ENTRY}/design");
    let (status, page) = clerk.open(&design).await;
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("占比(已支付合计, 本季下达资金)") && page.contains("id=\"design-seen\""), "{page}");
    let as_it_is = Filled::of(&page);
    let (status, told) = as_it_is.clone().with("step", "save").send(&clerk, &design).await;
    assert!(status == 303 && told.contains("没有改动"), "{status}: {told}");
    assert_eq!(drafted(&ground).await, None);

    let received = as_it_is.row("本季下达资金");
    let renamed = as_it_is.with(&format!("{received}-title"), "本季到位资金").with("step", "add");
    let (status, page) = renamed.send(&clerk, &design).await;
    assert_eq!(status, 200, "{page}");
    let more = Filled::of(&page);
    let new = more.row("");
    let more = more.with(&format!("{new}-title"), "建设性质").with(&format!("{new}-kind"), "one_of");
    let more = more.with(&format!("{new}-order"), "1.5").with(&format!("{new}-required"), "1");
    let (status, told) = more.clone().with("step", "save").send(&clerk, &design).await;
    assert!(
        status == 422 && told.contains(&format!("id=\"wrong-{new}\" role=\"status\"><p class=\"error\">")),
        "{told}"
    );
    let more = more.with(&format!("{new}-choices"), "new=新建\n养护").with("step", "save");
    let (_, seen) = more.send(&clerk, "/catalogs/forms/design/seen").await;
    assert!(seen.starts_with("<div id=\"design-seen\">") && seen.contains("建设性质"), "{seen}");
    assert!(seen.contains("新增必填字段“建设性质”"), "{seen}");
    let (status, told) = more.send(&clerk, &design).await;
    assert!(status == 303 && told.contains("已存入草稿"), "{told}");

    let (before, after) = (sample(), drafted(&ground).await);
    let after = after.expect("a draft");
    assert_eq!(after.fields[1].title, "建设性质");
    assert_eq!((after.fields[1].kind.clone(), after.fields[1].choices.len()), (Kind::OneOf, 2));
    assert!(after.layout.blocks.iter().any(|block| block.fields.contains(&after.fields[1].name)), "it is on the sheet");
    let rate = after.field("rate").and_then(|field| field.derived.clone());
    let parts = ["paid_total", "received"].map(|name| Expression::Field(name.to_owned()));
    assert_eq!(rate, Some(Expression::Share(Box::new(parts))));
    assert_eq!((after.flow, after.checks, after.list), (before.flow, before.checks, before.list));
    assert_eq!(ground.logged("catalog_edit").await.len(), 1);
}

/// A state and a step are added, and a step is led through them; what leads nowhere is told at its row.
#[tokio::test]
async fn a_flow_is_designed() {
    let ground = Ground::new().await;
    let (clerk, _) = published(&ground).await;
    let design = format!("{ENTRY}/design");
    let page = Filled::of(&clerk.open(&design).await.1);
    let (status, page) = page.with("step", "add-state").send(&clerk, &design).await;
    assert_eq!(status, 200, "{page}");
    let page = Filled::of(&page).with("z-3-title", "乡镇复核").with("z-3-days", "三").with("z-3-working", "1");
    let (status, told) = page.clone().with("step", "save").send(&clerk, &design).await;
    assert_eq!(status, 422);
    let at_row = told.split("id=\"wrong-z-3\"").nth(1).expect("its slot").split("</div>").next().expect("its end");
    assert!(at_row.contains("时限应为整数天数") && at_row.contains("没有步骤"), "{at_row}");

    let submit = page.row("送财政审核");
    let page = page.with("z-3-days", "3").with(&format!("{submit}-to"), "s1").with("step", "add-step");
    let (_, page) = page.send(&clerk, &design).await;
    let page = Filled::of(&page);
    let new = page.row("");
    let of = |part: &str| format!("{new}-{part}");
    let page = page.with(&of("from"), "s1").with(&of("to"), "review");
    let (status, told) = page.clone().with("step", "save").send(&clerk, &design).await;
    let slot = format!("id=\"wrong-{new}\"");
    let at_row = told.split(&slot).nth(1).expect("its slot").split("</div>").next().expect("its end");
    assert!(status == 422 && at_row.contains("名称应为"), "{at_row}");
    let again = Filled::of(&told);
    assert_eq!((again.get(&of("from")), again.get(&of("to"))), ("s1", "review"), "nothing is lost");
    let page = page.with(&of("title"), "复核后送审");
    let page = page.with(&of("duty"), "approve").with(&of("other_than"), "submit").with(&of("reason"), "1");
    let (status, told) = page.with("step", "save").send(&clerk, &design).await;
    assert_eq!(status, 303, "{told}");
    let (before, after) = (sample().flow, drafted(&ground).await.expect("a draft").flow);
    assert_eq!(after.states[..3], before.states[..]);
    assert_eq!((after.states[3].name.as_str(), after.states[3].title.as_str()), ("s1", "乡镇复核"));
    let within = after.states[3].within.expect("days");
    assert_eq!((within.days, within.working), (3, true));
    assert_eq!(after.step("submit").map(|step| step.to.as_str()), Some("s1"));
    let (added, kept) = after.steps.split_last().expect("steps");
    assert_eq!(kept[1..], before.steps[1..]);
    assert_eq!((added.title.as_str(), added.from.as_slice()), ("复核后送审", &["s1".to_owned()][..]));
    assert_eq!((added.other_than.as_slice(), added.reason, added.complete), (&["submit".to_owned()][..], true, false));
}

/// The parts of the sheet are changed in the words of the workbook; a field that must be filled in and stands nowhere
/// is told at the sheet, and a word that is no field at its line.
#[tokio::test]
async fn a_sheet_is_designed() {
    let ground = Ground::new().await;
    let (clerk, _) = published(&ground).await;
    let design = format!("{ENTRY}/design");
    let page = Filled::of(&clerk.open(&design).await.1);
    assert_eq!(page.get("p-1-fields"), "路线编号、养护里程");
    assert_eq!((page.get("p-1-group"), page.get("p-2-group"), page.get("p-2-order")), ("路段", "资金", "2"));
    let wrong = page.clone().with("p-3-fields", "填报者").with("step", "save");
    let (status, told) = wrong.send(&clerk, &design).await;
    assert!(status == 422 && told.contains("id=\"wrong-p-3\" role=\"status\"><p class=\"error\">"), "{told}");
    let lacking = page.clone().with("p-3-remove", "1").with("step", "save");
    let (status, told) = lacking.send(&clerk, &design).await;
    let at_sheet = told.split("id=\"wrong-layout\"").nth(1).expect("its slot").split("</div>").next().expect("its end");
    assert!(status == 422 && at_sheet.contains("填报人"), "{at_sheet}");
    let page = page.with("p-3-order", "0.5").with("p-3-title", "填报").with("s-pairs", "3");
    let (status, told) = page.with("step", "save").send(&clerk, &design).await;
    assert_eq!(status, 303, "{told}");
    let (before, after) = (sample().layout, drafted(&ground).await.expect("a draft").layout);
    assert_eq!(after.pairs, 3);
    assert_eq!(after.blocks[0].title, "填报");
    assert_eq!((&after.blocks[0].fields, &after.blocks[1..]), (&before.blocks[2].fields, &before.blocks[..2]));
}

/// A new field comes onto the sheet also where its lines are changed at the same time, and stands there once.
#[tokio::test]
async fn a_field_comes_onto_a_changed_sheet() {
    let ground = Ground::new().await;
    let (clerk, _) = published(&ground).await;
    let design = format!("{ENTRY}/design");
    let page = Filled::of(&clerk.open(&design).await.1).with("step", "add");
    let page = Filled::of(&page.send(&clerk, &design).await.1);
    let new = page.row("");
    let page = page.with(&format!("{new}-title"), "建设性质").with("p-3-title", "填报").with("step", "save");
    let (status, told) = page.send(&clerk, &design).await;
    assert_eq!(status, 303, "{told}");
    let after = drafted(&ground).await.expect("a draft");
    let field = after.fields.iter().find(|field| field.title == "建设性质").expect("the field");
    let blocks = &after.layout.blocks;
    assert_eq!(blocks.iter().flat_map(|block| &block.fields).filter(|name| **name == field.name).count(), 1);
    assert_eq!((blocks.len(), blocks[2].title.as_str()), (3, "填报"));
}

/// A formula that cannot be read is told at its row, and nothing is kept; two people who design one form at once are
/// told of each other.
#[tokio::test]
async fn mistakes_and_others_are_told() {
    let ground = Ground::new().await;
    let (clerk, _) = published(&ground).await;
    let other = ground.reader("jingban2", &[Duty::Enter]).await;
    let design = format!("{ENTRY}/design");
    let page = Filled::of(&clerk.open(&design).await.1);
    let rate = page.row("支付率");
    let wrong = page.clone().with(&format!("{rate}-derived"), "占比(没有的字段, 本季下达资金)").with("step", "save");
    let (status, told) = wrong.send(&clerk, &design).await;
    assert!(status == 422 && told.contains("“没有的字段”是表中某个字段的中文名或代号"), "{told}");
    assert!(told.contains("占比(没有的字段, 本季下达资金)"), "what was typed is still there");
    assert_eq!(drafted(&ground).await, None);

    let mine = page.clone().with("s-stage", "事中监控").with("step", "save");
    assert_eq!(mine.send(&other, &design).await.0, 303);
    let (status, told) = page.with("s-title", "调度表").with("step", "save").send(&clerk, &design).await;
    assert!(status == 409 && told.contains("别人改了这张表单"), "{told}");
    let again = Filled::of(&told);
    assert_eq!(again.get("s-title"), "调度表");
    assert_eq!(again.with("step", "save").send(&clerk, &design).await.0, 303);
    assert_eq!(drafted(&ground).await.expect("a draft").title, "调度表");
}

/// A new form is made of titles alone, tables among its fields; its code must be free.
#[tokio::test]
async fn a_new_form() {
    let ground = Ground::new().await;
    let (clerk, _) = published(&ground).await;
    let (status, page) = clerk.open("/catalogs/forms/design").await;
    assert_eq!(status, 200, "{page}");
    let new = Filled::of(&page).with("s-title", "走访记录").with("step", "save");
    let (status, told) = new.clone().with("s-code", "road_dispatch").send(&clerk, "/catalogs/forms/design").await;
    assert!(status == 422 && told.contains("已有这个编码的表单"), "{told}");
    let table = Filled::of(&new.with("step", "add").send(&clerk, "/catalogs/forms/design").await.1);
    let row = table.row("");
    let table =
        table.with(&format!("{row}-title"), "走访对象").with(&format!("{row}-kind"), "rows").with("step", "show");
    let (_, page) = table.send(&clerk, "/catalogs/forms/design").await;
    let table = Filled::of(&page);
    let name = table.get(&format!("{row}-name")).to_owned();
    assert!(page.contains("增加一列") && !name.is_empty(), "{page}");
    let (_, page) = table.with("step", &format!("add:{name}")).send(&clerk, "/catalogs/forms/design").await;
    let column = Filled::of(&page);
    let row = column.row("");
    let new = column.with(&format!("{row}-title"), "户主").with("step", "save");
    let (status, told) = new.with("s-code", "visit").send(&clerk, "/catalogs/forms/design").await;
    assert!(status == 303 && told.contains("走访记录") && told.contains("户主"), "{told}");
}

/// What would make documents unreadable is not published, and is said on the page before anybody tries; what is only
/// stricter is named and goes.
#[tokio::test]
async fn what_documents_need_is_not_published_away() {
    let ground = Ground::new().await;
    let (clerk, publisher) = published(&ground).await;
    let other_kind = ROAD.replacen("kind = \"day\"", "kind = \"line\"", 1);
    assert_eq!(clerk.import(FORMS, "road_dispatch.toml", &other_kind).await.0, 303);
    let (_, shown) = publisher.open("/catalogs/forms/publish").await;
    for told in ["对已有单据的影响", "不能发布", "的类型不能由“日期”改为“单行文本”"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    let (status, told) = publisher.send("/catalogs/forms/publish", &[("sure", "1")]).await;
    assert!(status == 422 && told.contains("没有发布：表单“农村公路养护补助资金季度调度表”"), "{told}");
    assert_eq!(ground.app.store().head(&ground.app.catalog(FORMS)).await.expect("readable").expect("one").number, 1);

    let stricter = ROAD.replacen("kind = \"text\"", "kind = \"text\"\nrequired = true", 1);
    assert_eq!(clerk.import(FORMS, "road_dispatch.toml", &stricter).await.0, 303);
    let (_, shown) = publisher.open("/catalogs/forms/publish").await;
    assert!(shown.contains("更严") && shown.contains("“偏差原因”改为必填"), "{shown}");
    assert!(shown.contains("改用新版后，才受") && !shown.contains("发布后即按新版显示"), "{shown}");
    assert!(shown.contains("改动的部分") && shown.contains("<td>字段</td>"), "{shown}");
    assert!(!shown.contains("{&quot;"), "a part is named, not written out: {shown}");
    assert_eq!(publisher.send("/catalogs/forms/publish", &[("sure", "1")]).await.0, 303);
}

/// A form that was retired and comes back is held against what it was: its documents are still there.
#[tokio::test]
async fn a_form_that_comes_back() {
    let ground = Ground::new().await;
    let (clerk, publisher) = published(&ground).await;
    let seen = hidden(&clerk.open(ENTRY).await.1, "seen");
    assert_eq!(clerk.send(&format!("{ENTRY}/retire"), &[("seen", &seen), ("sure", "1")]).await.0, 303);
    assert_eq!(publisher.send("/catalogs/forms/publish", &[("sure", "1")]).await.0, 303);
    let other_kind = ROAD.replacen("kind = \"day\"", "kind = \"line\"", 1);
    assert_eq!(clerk.import(FORMS, "road_dispatch.toml", &other_kind).await.0, 303);
    let (status, told) = publisher.send("/catalogs/forms/publish", &[("sure", "1")]).await;
    assert!(status == 422 && told.contains("的类型不能由"), "{told}");
}

/// A form that names a number of the rules is told to wait for them while none are published, which keeps nothing back;
/// once there are rules, a number that they do not have is refused at its place, and one that they have is not.
#[tokio::test]
async fn numbers_of_the_rules() {
    let ground = Ground::new().await;
    let (clerk, publisher) = published(&ground).await;
    let by = |path: &str| {
        let derived = format!("derived = {{ product = [\"received\", {{ rule = \"{path}\" }}] }}");
        let field = format!("\n[[fields]]\nname = \"due\"\ntitle = \"应得分\"\nkind = \"decimal\"\n{derived}\n");
        let (fields, rest) = ROAD.split_once("\n[[checks]]").expect("checks behind the fields");
        format!("{fields}{field}\n[[checks]]{rest}")
    };
    let review = "/catalogs/forms/publish";
    assert_eq!(clerk.import(FORMS, "road_dispatch.toml", by("execution.wieght")).await.0, 303);
    let (_, shown) = publisher.open(review).await;
    assert!(shown.contains("用到规则参数 execution.wieght，而还没有发布计分规则"), "{shown}");
    assert!(shown.contains("name=\"sure\""), "it may be published all the same: {shown}");

    let rules = include_str!("../../../../samples/rules.toml");
    assert_eq!(clerk.import("rules", "rules.toml", rules).await.0, 303);
    assert_eq!(publisher.send("/catalogs/rules/publish", &[("sure", "1")]).await.0, 303);
    let said = "字段 due：已发布的计分规则中没有参数“execution.wieght”";
    let (_, shown) = publisher.open(review).await;
    assert!(shown.contains(said) && !shown.contains("而还没有发布计分规则"), "{shown}");
    let (status, shown) = publisher.send(review, &[("sure", "1")]).await;
    assert!(status == 422 && shown.contains(said), "{status}: {shown}");
    assert_eq!(clerk.import(FORMS, "road_dispatch.toml", by("execution.weight")).await.0, 303);
    let (status, shown) = publisher.send(review, &[("sure", "1")]).await;
    assert_eq!(status, 303, "{shown}");
}
