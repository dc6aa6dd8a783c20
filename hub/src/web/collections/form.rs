//! The form of a new collection, with what was typed or what a template brings.

use std::collections::BTreeMap;

use maud::{Markup, html};
use tongpin_console::web::{Choice, Field, Fields, LongText, Signed, check_box, token};
use tongpin_domain::collection::{Accepting, FieldKind};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;

use super::build::{Base, FILTERS, MEASURES, Wrong, fields};

const HEAD: [&str; 10] =
    ["id", "title", "period", "due", "scope", "smallest", "accepting", "records", "table_title", "method"];
const MEASURE: [&str; 6] = ["measure", "kind", "field", "by", "edges", "only"];
const FILTER: [&str; 3] = ["filter_field", "filter_test", "filter_value"];

/// What stands in the form.
#[derive(Debug, Clone, Default)]
pub(super) struct Filled {
    one: BTreeMap<String, String>,
    to: Vec<String>,
    group: Vec<String>,
}

impl Filled {
    /// As it was typed.
    pub(super) fn typed(typed: &Fields) -> Self {
        let rows = |parts: &'static [&'static str], count: usize| {
            (1..=count).flat_map(move |at| parts.iter().map(move |part| format!("{part}_{at}")))
        };
        let names = HEAD.iter().map(|name| (*name).to_owned()).chain(rows(&FILTER, FILTERS));
        let names = names.chain(rows(&MEASURE, MEASURES));
        let one = names.map(|name| (name.clone(), typed.text(&name).to_owned())).collect();
        let all = |name: &str| typed.all(name).map(str::to_owned).collect();
        Self { one, to: all("to"), group: all("group") }
    }

    /// As the form begins: of a template for last year's results, due at the end of March or in a month; of an earlier
    /// collection as it is; of one's own making with the measures that are asked for most.
    pub(super) fn of_base(base: &Base, taken: &BTreeMap<String, String>, now: Moment, lang: Lang) -> Self {
        let mut filled = Self::default();
        let mut set = |name: &str, value: &str| drop(filled.one.insert(name.to_owned(), value.to_owned()));
        set("scope", "all");
        set("smallest", "1");
        set("accepting", base.collection().map_or(Accepting::ByCheck, |collection| collection.accepting).word());
        let today: String = now.to_string().chars().take(10).collect();
        let this_year = today.get(..4).and_then(|year| year.parse::<i32>().ok()).unwrap_or_default();
        let last_year = this_year.saturating_sub(1).to_string();
        match base {
            Base::Earlier(collection) | Base::Form(_, collection) => {
                set("id", &collection.id);
                set("title", &collection.title);
                set("period", &collection.period);
                set("due", &collection.due.to_string());
                set("smallest", &collection.smallest_group.to_string());
                if !collection.audience.is_empty() {
                    set("scope", "some");
                    filled.to = collection.audience.iter().map(ToString::to_string).collect();
                }
            }
            Base::Template(template, collection) => {
                let word = template.word();
                let free = taken.get(word).is_none_or(|period| *period == last_year);
                set("id", &if free { word.to_owned() } else { format!("{word}-{last_year}") });
                let old = collection.period.clone();
                set("title", &collection.title.replacen(&format!("{old}年"), &format!("{last_year}年"), 1));
                set("period", &last_year);
                let due = format!("{this_year}-03-31");
                let month: String = now.plus_seconds(30 * 86_400).to_string().chars().take(10).collect();
                set("due", if today <= due { &due } else { &month });
            }
            Base::Own => {
                set("period", &last_year);
                set("records", "projects");
                let rows = [
                    (lang.pick("项目数", "projects"), "count", "", ""),
                    (lang.pick("全年预算数", "budget"), "sum", "budget_fen", "money"),
                    (lang.pick("全年执行数", "spending"), "sum", "executed_fen", "money"),
                    (lang.pick("得分（按预算加权）", "score by budget"), "weighted", "total_score", "scored"),
                ];
                for (at, (title, kind, field, only)) in rows.into_iter().enumerate() {
                    for (part, value) in [("measure", title), ("kind", kind), ("field", field), ("only", only)] {
                        set(&format!("{part}_{}", at + 1), value);
                    }
                }
                filled.group = vec!["department".to_owned()];
            }
        }
        filled
    }

    /// A field, empty if there is nothing in it.
    pub(super) fn text(&self, name: &str) -> &str {
        self.one.get(name).map_or("", |value| value.trim())
    }

    /// Every value of what can be chosen several times: `to` and `group`.
    pub(super) fn all(&self, name: &str) -> &[String] {
        if name == "to" { &self.to } else { &self.group }
    }
}

/// The form.
pub(super) fn form(
    base: &Base,
    filled: &Filled,
    wrong: &Wrong,
    counties: &[(String, String)],
    signed: &Signed,
    lang: Lang,
) -> Markup {
    html! {
        form.card method="post" action="/collections/new" data-keep data-live="/collections/new/preview" {
            (token(signed))
            input type="hidden" name="base" value=(base.word());
            (head(filled, wrong, lang))
            (scope(filled, wrong, counties, lang))
            (text(filled, wrong, "smallest", lang.pick("最小分组", "Smallest group"),
                lang.pick("记录数少于它的分组不上报；项目数据填 1，涉及个人时填大一些", "smaller groups are withheld")))
            (accepting(filled, lang))
            @if matches!(base, Base::Own) { (own(filled, wrong, lang)) }
            div.row {
                button.main name="step" value="save" { (lang.pick("存为草稿，交另一人审核", "Save as a draft for approval")) }
                button name="step" value="preview" { (lang.pick("预览", "Preview")) }
            }
        }
    }
}

fn text(filled: &Filled, wrong: &Wrong, name: &str, label: &str, hint: &str) -> Markup {
    let error = wrong.get(name).map_or("", String::as_str);
    Field { name, label, hint, value: filled.text(name), error, ..Field::default() }.draw()
}

fn head(filled: &Filled, wrong: &Wrong, lang: Lang) -> Markup {
    html! {
        (text(filled, wrong, "title", lang.pick("任务名称", "Title"), ""))
        (text(filled, wrong, "id", lang.pick("代号", "Id"),
            lang.pick("小写字母、数字和连字符；沿用已有代号就是修改那个任务，换一个就是另开一个",
                "small letters, digits, hyphens; an id that is there changes that collection")))
        (text(filled, wrong, "period", lang.pick("期间", "Period"),
            lang.pick("以预算年度开头，如 2025；只统计该年度的项目", "begins with the budget year, such as 2025")))
        (text(filled, wrong, "due", lang.pick("截止日期", "Due"),
            lang.pick("如 2026-03-31，当天（含）前上报为按期", "such as 2026-03-31, that day included")))
    }
}

fn scope(filled: &Filled, wrong: &Wrong, counties: &[(String, String)], lang: Lang) -> Markup {
    let options =
        [("all", lang.pick("全部区县", "Every county")), ("some", lang.pick("只向勾选的区县", "Only those checked"))]
            .map(|(value, said)| (value.to_owned(), said.to_owned()));
    let error = wrong.get("scope").map_or("", String::as_str);
    html! {
        (Choice { name: "scope", label: lang.pick("归集范围", "Whom to ask"), options: &options, value: filled.text("scope"),
            error, ..Choice::default() }.draw())
        fieldset {
            legend { (lang.pick("区县", "Counties")) }
            @if counties.is_empty() { p.hint { (lang.pick("还没有发布区划，只能向全部区县归集", "No divisions are published yet")) } }
            @for (code, name) in counties {
                (check_box("to", code, name, code, filled.all("to").contains(code)))
            }
        }
    }
}

/// Who accepts what comes.
fn accepting(filled: &Filled, lang: Lang) -> Markup {
    let options = [Accepting::ByCheck, Accepting::ByReview].map(|way| (way.word().to_owned(), way.say(lang)));
    let hint = lang.pick(
        "选人工审核的，收到的上报先列为“待审核”，由审核岗逐份通过或写明原因退回；未审核的不计入汇总，也不算未报",
        "by review every report waits for an officer, who accepts it or gives it back; until then it does not count",
    );
    let label = lang.pick("接收方式", "Accepting");
    Choice { name: "accepting", label, options: &options, value: filled.text("accepting"), hint, ..Choice::default() }
        .draw()
}

fn own(filled: &Filled, wrong: &Wrong, lang: Lang) -> Markup {
    let records =
        [("projects", lang.pick("项目", "projects")), ("indicators", lang.pick("项目绩效指标", "indicator lines"))]
            .map(|(value, said)| (value.to_owned(), said.to_owned()));
    html! {
        fieldset {
            legend { (lang.pick("从哪些记录", "From which records")) }
            (Choice { name: "records", label: lang.pick("记录", "Records"), options: &records, value: filled.text("records"),
                ..Choice::default() }.draw())
            (text(filled, wrong, "table_title", lang.pick("表名", "Name of the table"), ""))
            (LongText { name: "method", label: lang.pick("汇总方法说明", "Method, in words"), value: filled.text("method"),
                hint: lang.pick("用一句话写明各数怎样汇总，随任务下发", "one sentence on how it is put together"), ..LongText::default() }.draw())
        }
        fieldset {
            legend { (lang.pick("分组（可多选）", "Groupings")) }
            @for (name, said) in fields(Some(FieldKind::Word), lang) {
                (check_box("group", &name, &said, "", filled.all("group").contains(&name)))
            }
        }
        fieldset {
            legend { (lang.pick("只统计符合这些条件的记录（可不填）", "Only records of which this holds")) }
            @for at in 1..=FILTERS { (filter(filled, wrong, at, lang)) }
        }
        fieldset {
            legend { (lang.pick("要上报的数", "Measures")) }
            @for at in 1..=MEASURES { (measure(filled, wrong, at, lang)) }
        }
    }
}

/// A choice without a line of its own, named for those who do not see where it stands.
fn pick(name: &str, label: &str, options: &[(String, String)], value: &str) -> Markup {
    html! {
        select name=(name) aria-label=(label) {
            @for (sent, shown) in options { option value=(sent) selected[sent == value] { (shown) } }
        }
    }
}

fn with_none(none: &str, options: Vec<(String, String)>) -> Vec<(String, String)> {
    std::iter::once((String::new(), none.to_owned())).chain(options).collect()
}

fn said(pairs: &[(&str, &str, &str)], lang: Lang) -> Vec<(String, String)> {
    pairs.iter().map(|(value, zh, en)| ((*value).to_owned(), lang.pick(zh, en).to_owned())).collect()
}

fn filter(filled: &Filled, wrong: &Wrong, at: usize, lang: Lang) -> Markup {
    let name = |part: &str| format!("{part}_{at}");
    let label = |zh: &str, en: &str| format!("{} {at} {}", lang.pick("条件", "condition"), lang.pick(zh, en));
    let tests = [
        ("is", "等于", "is"),
        ("is_not", "不等于", "is not"),
        ("one_of", "是其中之一（用顿号隔开）", "is one of"),
        ("at_least", "不低于", "is at least"),
        ("below", "低于", "is below"),
        ("present", "已填", "is there"),
        ("absent", "未填", "is missing"),
    ];
    let (field, test, value) = (name("filter_field"), name("filter_test"), name("filter_value"));
    let error = wrong.get(&value).map_or("", String::as_str);
    html! {
        div.row {
            (pick(&field, &label("字段", "field"), &with_none(lang.pick("（不限）", "(any)"), fields(None, lang)), filled.text(&field)))
            (pick(&test, &label("比较", "test"), &said(&tests, lang), filled.text(&test)))
            input name=(value) value=(filled.text(&value)) aria-label=(label("值", "value")) autocomplete="off"
                aria-invalid=[(!error.is_empty()).then_some("true")];
        }
        @if !error.is_empty() { p.error { (error) } }
    }
}

fn measure(filled: &Filled, wrong: &Wrong, at: usize, lang: Lang) -> Markup {
    let name = |part: &str| format!("{part}_{at}");
    let label = |zh: &str, en: &str| format!("{} {at} {}", lang.pick("数", "measure"), lang.pick(zh, en));
    let kinds = [
        ("count", "个数", "count"),
        ("sum", "合计", "sum"),
        ("weighted", "按预算加权平均", "mean by budget"),
        ("min", "最小值", "least"),
        ("max", "最大值", "greatest"),
        ("histogram", "分布", "distribution"),
    ];
    let only = [
        ("", "全部记录", "all records"),
        ("scored", "仅已评分", "scored only"),
        ("sound", "不含数据错误", "without data errors"),
        ("money", "预算数、执行数都已填", "with budget and spending"),
    ];
    let offered: Vec<(String, String)> =
        fields(None, lang).into_iter().filter(|(name, _)| name != "fiscal_year").collect();
    let (title, kind, field, limit, edges) =
        (name("measure"), name("kind"), name("field"), name("only"), name("edges"));
    let error = wrong.get(&title).map_or("", String::as_str);
    html! {
        div.row {
            input name=(title) value=(filled.text(&title)) aria-label=(label("名称", "title")) autocomplete="off"
                placeholder=(lang.pick("名称", "title")) aria-invalid=[(!error.is_empty()).then_some("true")];
            (pick(&kind, &label("怎样汇总", "kind"), &with_none(lang.pick("（不用）", "(none)"), said(&kinds, lang)), filled.text(&kind)))
            (pick(&field, &label("字段", "field"), &with_none(lang.pick("（记录）", "(records)"), offered), filled.text(&field)))
            (pick(&limit, &label("范围", "of which"), &said(&only, lang), filled.text(&limit)))
            input name=(edges) value=(filled.text(&edges)) aria-label=(label("分布的分界点", "edges")) autocomplete="off"
                placeholder=(lang.pick("分界点，如 60、80、90", "edges, 60, 80, 90"));
        }
        @if !error.is_empty() { p.error { (error) } }
    }
}
