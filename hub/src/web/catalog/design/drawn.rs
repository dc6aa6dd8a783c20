//! The page on which a form is designed: settings, a row for each field and each check, its flow, sheet and list, and
//! what comes of it.

use maud::{Markup, html};
use tongpin_console::web::{Choice, Field, LongText, Signed, Tone, check_box, kit, notice, token};
use tongpin_domain::form::{Definition, Leaving, MoneyUnit, Per, SubjectOf, changes};
use tongpin_domain::lang::Lang;

use super::built::{Built, Wrong};
use super::line::Line;
use super::typed::{NOTED, PART, Typed, kinds};
use super::{Base, flow, listing};

/// What stands around the form.
pub(super) struct Around<'a> {
    /// Where it is sent.
    pub(super) action: &'a str,
    /// Where it is asked what comes of it.
    pub(super) live: &'a str,
    /// Where the reader goes who leaves it.
    pub(super) leave: &'a str,
    pub(super) signed: &'a Signed,
    /// What comes of it.
    pub(super) seen: &'a Markup,
}

/// The form, and beside it what comes of it.
pub(super) fn page(base: &Base, typed: &Typed, built: &Built, around: &Around<'_>, lang: Lang) -> Markup {
    let wrong = &built.wrong;
    let noted = noted(lang);
    let tables: Vec<&Line> = typed.fields.iter().filter(|line| is_table(line)).collect();
    html! {
        div.design {
            form method="post" action=(around.action) data-keep data-live=(around.live) {
                (token(around.signed))
                input type="hidden" name="seen" value=(typed.seen);
                input type="hidden" name="key" value=(base.key.as_deref().unwrap_or_default());
                input type="hidden" name="fields" value=(typed.fields.len());
                input type="hidden" name="checks" value=(typed.checks.len());
                input type="hidden" name="states" value=(typed.states.len());
                input type="hidden" name="steps" value=(typed.steps.len());
                input type="hidden" name="parts" value=(typed.parts.len());
                // The first button is what Enter does, and that should change nothing.
                button name="step" value="show" { (lang.pick("刷新预览", "Show what comes of it")) }
                (slot("", wrong))
                (settings(base, typed, wrong, lang))
                h2 { (lang.pick("字段", "Fields")) }
                p.hint { (lang.pick("顺序可填小数，如 2.5 排在 2 和 3 之间。计算、条件的写法与表单工作簿相同，如 占比(已支付合计, 本季下达资金)；不改的照旧。",
                    "The order may have decimals. Calculations and conditions are written as in the workbook; what is not touched stays.")) }
                @for (at, line) in typed.fields.iter().enumerate() { (field(base, at, line, &noted, wrong, lang)) }
                div.row {
                    button name="step" value="add" { (lang.pick("增加字段", "Add a field")) }
                    @for table in tables {
                        button name="step" value=(format!("add:{}", table.own_name())) {
                            (lang.pick("给“", "Add a column to “")) span lang="zh-CN" { (table.get("title")) } (lang.pick("”增加一列", "”"))
                        }
                    }
                }
                h2 { (lang.pick("校验", "Checks")) }
                @for (at, line) in typed.checks.iter().enumerate() { (check(at, line, wrong, lang)) }
                div.row { button name="step" value="add-check" { (lang.pick("增加校验", "Add a check")) } }
                (flow::draw(typed, wrong, lang))
                (slot("flow", wrong))
                (layout(typed, wrong, lang))
                // Those that the program keeps stand in lists of its own.
                @if !base.form.is_kept() { (listing::draw(typed, wrong, lang)) }
                details {
                    summary { (lang.pick("现在的填表说明（公式、校验、流程的中文说法）", "The form in words as it stands")) }
                    (kit::help(&base.form, lang))
                }
                (Field { name: "draft-note", label: lang.pick("修改说明（随版本下发）", "Note (goes with the release)"),
                    value: &typed.note, ..Field::default() }.draw())
                div.row {
                    button.main name="step" value="save" { (lang.pick("检查并存入草稿", "Check and keep in the draft")) }
                    a href=(around.leave) { (lang.pick("不改了", "Leave it")) }
                }
            }
            (around.seen)
        }
    }
}

/// What comes of what was typed: the sheet, and what it does to documents that exist.
pub(super) fn seen(published: Option<&Definition>, built: &Built, lang: Lang) -> Markup {
    html! {
        div id="design-seen" {
            h2 { (lang.pick("填报时的样子", "What will be filled in")) }
            @match &built.form {
                None => { (notice(Tone::Warn, lang.pick("有写法看不懂，改正后在此显示；请看各行下面的提示。",
                    "Something cannot be read; it is shown here once that is mended."))) }
                Some(form) => {
                    (kit::blank(form, lang))
                    @if !form.is_kept() { (listing::seen(form, lang)) }
                    @let changed = published.map(|published| changes(published, form)).unwrap_or_default();
                    @if !changed.is_empty() {
                        h3 { (lang.pick("与已发布的相比", "Compared with what is published")) }
                        (kit::changes(&changed, lang))
                    }
                }
            }
        }
    }
}

/// What is wrong with each row, to take the place of what was said before.
pub(super) fn slots(typed: &Typed, wrong: &Wrong) -> Markup {
    let of = |prefix: &'static str, lines: &[Line]| (0..lines.len()).map(move |at| format!("{prefix}-{at}"));
    let rows = of("f", &typed.fields).chain(of("c", &typed.checks)).chain(of("z", &typed.states));
    let rows = rows.chain(of("t", &typed.steps)).chain(of("p", &typed.parts)).chain(of("l", &typed.fields));
    html! {
        @for name in ["", "s-code", "s-title", "flow", "layout", "list"].map(str::to_owned).into_iter().chain(rows) {
            (slot(&name, wrong))
        }
    }
}

pub(super) fn slot(name: &str, wrong: &Wrong) -> Markup {
    html! {
        div id=(format!("wrong-{name}")) role="status" {
            @for said in wrong.get(name).into_iter().flatten() { p.error { (said) } }
        }
    }
}

pub(super) fn words<'a, W: 'a>(all: &'a [W], pair: impl Fn(&'a W) -> (&'a str, &'a str)) -> Vec<(String, String)> {
    all.iter().map(pair).map(|(word, text)| (word.to_owned(), text.to_owned())).collect()
}

fn settings(base: &Base, typed: &Typed, wrong: &Wrong, lang: Lang) -> Markup {
    let line = |name: &str, label: &str, hint: &str| {
        let key = name.trim_start_matches("s-");
        Field { name, label, hint, value: typed.setting(key), ..Field::default() }.draw()
    };
    let long = |name: &str, label: &str, hint: &str| {
        let key = name.trim_start_matches("s-");
        LongText { name, label, hint, value: typed.setting(key), ..LongText::default() }.draw()
    };
    let choice = |name: &str, label: &str, options: &[(String, String)]| {
        let key = name.trim_start_matches("s-");
        Choice { name, label, options, value: typed.setting(key), ..Choice::default() }.draw()
    };
    html! {
        fieldset.card {
            legend { (lang.pick("基本设置", "Settings")) }
            @if base.key.is_none() {
                (line("s-code", lang.pick("编码", "Code"), lang.pick("小写字母、数字和下划线，如 road_dispatch；可不填，由程序取名；存入后不能改", "small letters, digits and underscores, or nothing; it stays once kept")))
                (slot("s-code", wrong))
            } @else {
                p { (lang.pick("编码", "Code")) "：" strong { (base.form.code) } }
                input type="hidden" name="s-code" value=(base.form.code);
            }
            @if let Some(kept_as) = &base.form.kept_as {
                p.hint {
                    (lang.pick("沿用单据：", "Documents that the program keeps: ")) (kept_as.text(lang))
                    (lang.pick("。单据随项目保存，发布后各区县的页面、Excel 和接口即按此表填写。可以改名称、说明、限制、选项、校验和版式，增加单值字段；已有字段不能删除或改类型；没有流程、附件、明细表和归集。",
                        ". Words, hints, limits, choices, checks and the sheet may change and single fields may be added; none is removed or retyped; there is no flow, and there are no files, rows or collections."))
                }
            }
            (line("s-title", lang.pick("表名", "Title"), ""))
            (slot("s-title", wrong))
            (line("s-stage", lang.pick("阶段", "Stage"), lang.pick("如 绩效目标、运行监控、自评", "such as 运行监控")))
            (choice("s-of", lang.pick("填报对象", "About"), &words(SubjectOf::ALL, |it| (it.word(), it.text(lang)))))
            (choice("s-per", lang.pick("填报频次", "How often"), &words(Per::ALL, |it| (it.word(), it.text(lang)))))
            (choice("s-money", lang.pick("金额单位", "Amounts in"), &words(MoneyUnit::ALL, |it| (it.word(), it.text(lang)))))
            (choice("s-pairs", lang.pick("每行格数", "Pairs a line"), &["1", "2", "3"].map(|it| (it.to_owned(), it.to_owned()))))
            (long("s-basis", lang.pick("依据", "Basis"), lang.pick("文号，一行一个", "numbers of documents, one a line")))
            (long("s-help", lang.pick("填表说明", "Help"), ""))
            (long("s-signatures", lang.pick("签字栏", "Signatures"), lang.pick("一行一个", "one a line")))
        }
    }
}

fn is_table(line: &Line) -> bool {
    line.get("kind") == "rows" && !line.own_name().is_empty()
}

/// A box that takes a line of its own.
fn long(name: &str, label: &str, value: &str, about: &str) -> Markup {
    html! { label.whole { (label) " " input name=(name) value=(value) placeholder=(about) autocomplete="off"; } }
}

/// A box on a line with others, named for those who do not see where it stands.
pub(super) fn small(name: &str, label: &str, value: &str) -> Markup {
    html! { label { (label) " " input name=(name) value=(value) autocomplete="off"; } }
}

pub(super) fn pick(name: &str, label: &str, options: &[(String, String)], value: &str) -> Markup {
    let known = value.is_empty() || options.iter().any(|(sent, _)| sent == value);
    html! {
        label { (label) " " select name=(name) {
            @if !known { option value=(value) selected { (value) } }
            @for (sent, shown) in options { option value=(sent) selected[sent == value] { (shown) } }
        } }
    }
}

/// How what stands in the notation of the workbook is called in English, and an example of it in both languages.
const EXAMPLES: [(&str, &str, &str); NOTED.len()] = [
    ("calculated as", "如 占比(已支付合计, 本季下达资金)", "such as 占比(已支付合计, 本季下达资金)"),
    ("asked if", "如 支付率 < 30", "such as 支付率 < 30"),
    ("least", "数字", "a number"),
    ("most", "数字", "a number"),
    ("longest", "字数或行数", "letters, or rows"),
    ("prefilled from", "如 project.name", "such as project.name"),
    ("refers to", "目录名", "a catalog"),
    ("level", "空即填报单位", "blank for whoever fills the form in"),
    ("in the states", "空即可填写的状态", "blank for those that can be filled in"),
    ("personal", "是，或留空", "是, or blank"),
    ("role", "如 budget", "such as budget"),
];

/// What a field says in the notation of the workbook: where it is sent, how it is called, and an example of it.
type Noted = (&'static str, &'static str, &'static str);

fn noted(lang: Lang) -> Vec<Noted> {
    let columns = NOTED.into_iter().zip(EXAMPLES);
    columns.map(|((part, zh), (en, like, such))| (part, lang.pick(zh, en), lang.pick(like, such))).collect()
}

fn field(base: &Base, at: usize, line: &Line, noted: &[Noted], wrong: &Wrong, lang: Lang) -> Markup {
    let (first, more) = noted.split_at(2);
    let name = |part: &str| format!("f-{at}-{part}");
    let published = base.published.as_ref().is_some_and(|form| form.field_at(&line.origin).is_some());
    let in_rows = !line.table.is_empty();
    let flag = |part: &str, label: &str| check_box(&name(part), "1", label, "", line.is(part));
    let title = if in_rows { lang.pick("明细列", "column") } else { lang.pick("字段", "field") };
    html! {
        fieldset.card id=(format!("f-{at}")) {
            legend { (title) " " (line.get("order")) "：" (line.get("title")) @if in_rows { "（" (line.table) "）" } }
            input type="hidden" name=(name("origin")) value=(line.origin);
            input type="hidden" name=(name("table")) value=(line.table);
            div.row {
                (small(&name("order"), lang.pick("顺序", "order"), line.get("order")))
                (small(&name("title"), lang.pick("中文名", "title"), line.get("title")))
                (pick(&name("kind"), lang.pick("类型", "kind"), &kinds(lang, in_rows), line.get("kind")))
                (flag("required", lang.pick("必填", "required")))
                (small(&name("unit"), lang.pick("单位", "unit"), line.get("unit")))
                (small(&name("places"), lang.pick("小数位", "decimals"), line.get("places")))
            }
            div.row {
                (long(&name("hint"), lang.pick("填写说明", "hint"), line.get("hint"), ""))
                @for (part, label, about) in first { (long(&name(part), label, line.get(part), about)) }
            }
            details {
                summary {
                    (lang.pick("限值、带出、谁填、角色", "limits, prefilling, who fills it in, role"))
                    @for (part, label, _) in more.iter().filter(|(part, ..)| !line.get(part).is_empty()) {
                        " · " (label) " " span lang="zh-CN" { (line.get(part)) }
                    }
                }
                div.row { @for (part, label, about) in more { label { (label) " "
                    input name=(name(part)) value=(line.get(part)) placeholder=(about) autocomplete="off"; } } }
            }
            details open[!line.get("choices").is_empty()] {
                summary { (lang.pick("选项、可归集、停用", "choices, what may leave, retiring")) }
                (LongText { name: &name("choices"), label: lang.pick("选项", "Choices"), value: line.get("choices"),
                    hint: lang.pick("一行一个；要另定代码的写“代码=名称”；不再用的在前面加“停用：”", "one a line: the text, or code=text; 停用： in front retires it"),
                    ..LongText::default() }.draw())
                div.row {
                    span { (lang.pick("可归集：", "may leave as: ")) }
                    @for leaving in Leaving::ALL {
                        (check_box(&name("leaves"), leaving.word(), leaving.text(lang), "", line.all("leaves").iter().any(|word| word == leaving.word())))
                    }
                }
                div.row {
                    @if line.origin.is_empty() {
                        (small(&name("name"), lang.pick("名称（代号，可不填）", "name (may be left out)"), line.get("name")))
                    }
                    (flag("retired", lang.pick("停用（已填的保留）", "retired")))
                    @if !published { (flag("remove", lang.pick("去掉这个字段", "take it out"))) }
                }
            }
            (slot(&format!("f-{at}"), wrong))
        }
    }
}

fn check(at: usize, line: &Line, wrong: &Wrong, lang: Lang) -> Markup {
    use tongpin_domain::form::Consequence;
    let name = |part: &str| format!("c-{at}-{part}");
    // The workbook says what follows in Chinese, and so does the row.
    let then = words(Consequence::ALL, |it| (it.text(Lang::Zh), it.text(lang)));
    html! {
        fieldset.card id=(format!("c-{at}")) {
            legend { (lang.pick("校验 ", "check ")) (at + 1) }
            input type="hidden" name=(name("origin")) value=(line.origin);
            div.row {
                (long(&name("when"), lang.pick("条件", "if"), line.get("when"), lang.pick("如 支付率 < 30", "such as 支付率 < 30")))
                (pick(&name("then"), lang.pick("处理", "then"), &then, line.get("then")))
            }
            div.row { (long(&name("says"), lang.pick("提示语", "what is said"), line.get("says"), "")) }
            div.row {
                (small(&name("at"), lang.pick("定位字段", "told at"), line.get("at")))
                (small(&name("each"), lang.pick("逐行（明细表）", "for each row of"), line.get("each")))
                (small(&name("reason"), lang.pick("原因字段", "reason in"), line.get("reason")))
                (check_box(&name("remove"), "1", lang.pick("去掉这条校验", "take it out"), "", line.is("remove")))
            }
            (slot(&format!("c-{at}"), wrong))
        }
    }
}

/// The parts of the sheet, in the words of the workbook.
fn layout(typed: &Typed, wrong: &Wrong, lang: Lang) -> Markup {
    let asked = [
        lang.pick("块", "block"),
        lang.pick("块标题", "title"),
        lang.pick("字段", "fields"),
        lang.pick("明细表", "table"),
        lang.pick("分组标题", "group"),
    ];
    html! {
        h2 { (lang.pick("版式", "Sheet")) }
        p.hint { (lang.pick("一行是一块：写“字段”就是标签加数值的格子，写“明细表”就是表格；同一块号的几行是一张表的几个分组。字段写中文名，用顿号隔开。一行都不写时按字段顺序排。",
            "A line is a block: fields make a grid, a table makes a table; lines of one number are groups of its columns. Without any the fields stand in their order.")) }
        @for (at, line) in typed.parts.iter().enumerate() {
            @let row = format!("p-{at}");
            fieldset.card id=(row) {
                legend { (lang.pick("版式行 ", "line ")) (at + 1) }
                div.row {
                    @for ((part, _), label) in PART.iter().zip(asked) {
                        @let name = format!("{row}-{part}");
                        @if *part == "fields" { (long(&name, label, line.get(part), "")) } @else { (small(&name, label, line.get(part))) }
                    }
                    (check_box(&format!("{row}-remove"), "1", lang.pick("去掉这一行", "take it out"), "", line.is("remove")))
                }
                (slot(&row, wrong))
            }
        }
        div.row { button name="step" value="add-part" { (lang.pick("增加一行", "Add a line")) } }
        (slot("layout", wrong))
    }
}
