//! How the form of indicators is drawn: the lines with their boxes, what the weights add up to, and the fields of an
//! indicator of one's own.

use maud::{Markup, html};
use tongpin_console::sheet::text::told_given;
use tongpin_console::web::{Choice, Field, Fields, Signed, token};
use tongpin_domain::form::{self, Kind, MoneyUnit};
use tongpin_domain::goal::{TargetDoubt, doubt};
use tongpin_domain::intake::written;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::project::ProjectIndicator;
use tongpin_domain::rules::{FormulaCode, RuleSet};
use tongpin_domain::vocabulary::{LEVEL1, LEVEL2, NATURES};

use super::typed::{Errors, added_as, field, identity, typed};
use super::{Subject, address};
use crate::records::goal_lines::sum;
use crate::web::parts::segment;

use crate::words::method;

/// The form as it is shown.
pub(super) struct Sheet<'a> {
    pub(super) subject: &'a Subject,
    /// The lines with what was typed about them, in the order of those held.
    pub(super) now: &'a [ProjectIndicator],
    pub(super) typed: Option<&'a Fields>,
    pub(super) errors: Errors,
    pub(super) version: String,
    /// Whether somebody saved meanwhile: then what they saved is told beside what was typed.
    pub(super) conflict: bool,
    pub(super) lang: Lang,
}

/// How a line scores, by the rules of the project's year.
fn formula(rules: Option<&RuleSet>, line: &ProjectIndicator) -> Option<FormulaCode> {
    rules?.formulas.get(line.rule_type.trim()).map(|rule| rule.formula)
}

/// What the weights add up to, against what the rules demand; replaced as one types.
pub(super) fn weights(lines: &[ProjectIndicator], rules: &Result<RuleSet, String>, lang: Lang) -> Markup {
    let sum = sum(lines);
    let shown = sum.map_or_else(|| "—".to_owned(), |sum| sum.to_string());
    html! {
        p id="weights" role="status" {
            (lang.pick("权重合计 ", "The weights add up to ")) strong { (shown) } " "
            @match rules {
                Err(why) => span.hint { (why) },
                Ok(rules) => {
                    @let (due, execution) = (rules.indicators.weight_total, rules.execution.weight);
                    @if sum == Some(due) {
                        span class="mark good" { (lang.pick(&format!("与规则相符（另有执行率 {execution} 分）"),
                            &format!("as the rules demand (and {execution} for execution)"))) }
                    } @else {
                        @let gap = sum.and_then(|sum| due.checked_sub(sum)).unwrap_or_default();
                        @let (zh, en) = if gap.is_sign_negative() { ("多", "too much by") } else { ("少", "too little by") };
                        @let gap = gap.abs();
                        span class="mark warn" { (lang.pick(&format!("规则要求 {due}（另有执行率 {execution} 分），{zh} {gap}；可以先保存，申报前请调整"),
                            &format!("the rules demand {due} (and {execution} for execution): {en} {gap}; it can be saved, but adjust it"))) }
                    }
                }
            }
        }
    }
}

/// What is doubtful about a line's target; replaced as one types.
pub(super) fn target_doubt(
    held: &ProjectIndicator,
    now: &ProjectIndicator,
    rules: Option<&RuleSet>,
    lang: Lang,
) -> Markup {
    let found: Option<TargetDoubt> = doubt(&now.nature, &now.unit, &now.target, formula(rules, now));
    html! {
        span.error id=(format!("doubt-{}", held.seq)) { @if let Some(found) = found { (found.say(lang)) } }
    }
}

impl Sheet<'_> {
    fn rules(&self) -> Option<&RuleSet> {
        self.subject.rules.as_ref().ok()
    }

    /// The whole form, or for those who only read, the lines.
    pub(super) fn draw(&self, signed: &Signed) -> Markup {
        let (lang, held) = (self.lang, &self.subject.held);
        let empty = lang.pick(
            "还没有指标；请在下面从指标库选用，或自设",
            "No indicators yet: choose some below, or make your own.",
        );
        if !self.subject.may {
            return html! {
                (weights(self.now, &self.subject.rules, lang))
                @if held.lines.is_empty() { p.empty { (empty) } } @else { (self.lines()) }
            };
        }
        html! {
            form id="lines" method="post" action=(address(self.subject.code(), "/indicators")) data-keep
                data-live=(address(self.subject.code(), "/weigh")) {
                (token(signed))
                input type="hidden" name="version" value=(self.version);
                // What Enter presses: the search if it was typed in, else saving.
                button.unseen name="do" value="enter" tabindex="-1" aria-hidden="true" {}
                div.row {
                    button.main name="do" value="save" { (lang.pick("保存", "Save")) }
                    (weights(self.now, &self.subject.rules, lang))
                }
                @if held.lines.is_empty() { p.empty { (empty) } } @else { (self.lines()) }
                (self.own())
            }
        }
    }

    fn lines(&self) -> Markup {
        let lang = self.lang;
        html! {
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("级次", "levels")) }
                    th scope="col" { (lang.pick("三级指标", "indicator")) }
                    th scope="col" { (lang.pick("性质", "nature")) }
                    th scope="col" { (lang.pick("指标值", "target")) }
                    th scope="col" { (lang.pick("单位", "unit")) }
                    th scope="col" { (lang.pick("权重", "weight")) }
                    th scope="col" { (lang.pick("计分方法", "scoring")) }
                    @for field in self.subject.form.asked().added() {
                        th scope="col" { (field.headed(lang.pick("元", "yuan"), lang)) }
                    }
                    @if self.subject.may { th scope="col" { (lang.pick("操作", "do")) } }
                } }
                tbody {
                    @for (held, now) in self.subject.held.lines.iter().zip(self.now) { (self.row(held, now)) }
                }
            } }
        }
    }

    fn row(&self, held: &ProjectIndicator, now: &ProjectIndicator) -> Markup {
        let (lang, own) = (self.lang, held.indicator_code.is_none());
        let edits = self.subject.may;
        html! {
            tr {
                td { (held.level1) br; span.hint { (held.level2) } }
                th scope="row" {
                    @if edits { input type="hidden" name=(field("is", held)) value=(identity(held)); }
                    @if own && edits { (self.input("name", held, &held.name, lang.pick("指标名称", "name"))) } @else { (held.name) }
                    br;
                    @match &held.indicator_code {
                        Some(code) => a.hint href=(format!("/guidance/indicators/{}", segment(code))) { (code) },
                        None => span class="mark warn" { (lang.pick("自设", "own")) },
                    }
                }
                td { @if own && edits { (self.nature(held)) } @else { (held.nature) } }
                td {
                    @if edits { (self.input("target", held, held.target.raw(), lang.pick("指标值", "target"))) } @else { (held.target.raw()) }
                    (target_doubt(held, now, self.rules(), lang))
                }
                td { @if own && edits { (self.input("unit", held, &held.unit, lang.pick("度量单位", "unit"))) } @else { (held.unit) } }
                td.number {
                    @if edits { (self.input("weight", held, &held.weight.normalize().to_string(), lang.pick("权重", "weight"))) }
                    @else { (held.weight.normalize()) }
                }
                td { (self.scoring(held)) }
                @for field in self.subject.form.asked().added() { td { (self.added(field, held)) } }
                @if edits { td { (self.steps(held)) } }
            }
        }
    }

    /// A box of a line, with what is wrong and what others saved.
    fn input(&self, what: &str, held: &ProjectIndicator, value: &str, label: &str) -> Markup {
        let name = field(what, held);
        let shown = self.shown(what, held, value);
        let error = self.errors.get(&name);
        let described = if what == "target" { Some(format!("doubt-{}", held.seq)) } else { None };
        let described = error.map(|_| format!("{name}-error")).or(described);
        html! {
            input class=(what.split('.').next().unwrap_or(what)) id=(name) name=(name) value=(shown) autocomplete="off" aria-label=(format!("{label}：{}", held.name))
                aria-describedby=[described] aria-invalid=[error.map(|_| "true")];
            @if let Some(error) = error { p.error id=(format!("{name}-error")) { (error) } }
            @if self.conflict && shown != value {
                p.hint { (self.lang.pick("现已保存的：", "saved now: ")) @if value.is_empty() { "—" } @else { (value) } }
            }
        }
    }

    fn shown<'b>(&'b self, what: &str, held: &ProjectIndicator, value: &'b str) -> &'b str {
        self.typed.and_then(|fields| typed(fields, what, held)).unwrap_or(value)
    }

    fn nature(&self, held: &ProjectIndicator) -> Markup {
        let options = NATURES.map(|nature| (nature.to_owned(), nature.to_owned()));
        self.select("nature", held, &held.nature, &options, self.lang.pick("指标性质", "nature"))
    }

    fn select(
        &self,
        what: &str,
        held: &ProjectIndicator,
        value: &str,
        options: &[(String, String)],
        label: &str,
    ) -> Markup {
        let name = field(what, held);
        let shown = self.shown(what, held, value);
        let error = self.errors.get(&name);
        html! {
            select id=(name) name=(name) aria-label=(format!("{label}：{}", held.name)) aria-invalid=[error.map(|_| "true")]
                aria-describedby=[error.map(|_| format!("{name}-error"))] {
                @if !options.iter().any(|(sent, _)| sent == shown) { option value=(shown) selected { (shown) } }
                @for (sent, said) in options { option value=(sent) selected[sent == shown] { (said) } }
            }
            @if let Some(error) = error { p.error id=(format!("{name}-error")) { (error) } }
        }
    }

    /// The methods of the rules, to choose from.
    fn methods(&self) -> Vec<(String, String)> {
        let rules = self.rules().into_iter().flat_map(|rules| &rules.formulas);
        rules.map(|(word, rule)| (word.clone(), format!("{}（{word}）", rule.formula.chinese()))).collect()
    }

    fn scoring(&self, held: &ProjectIndicator) -> Markup {
        let lang = self.lang;
        let said = self.rules().map(|rules| method::method(rules, &held.rule_type, &held.rule_params, lang));
        let said = said.unwrap_or_else(|| method::named(&held.rule_type, &held.rule_params, lang));
        html! {
            @if held.indicator_code.is_none() && self.subject.may {
                (self.select("rule", held, &held.rule_type, &self.methods(), lang.pick("计分方法", "scoring")))
                (self.input("params", held, &held.rule_params, lang.pick("计分参数", "parameters")))
            }
            span.hint { (said) }
        }
    }

    /// What the city's form asks of a line beside: what can be chosen as a choice, else a line.
    fn added(&self, asked: &form::Field, held: &ProjectIndicator) -> Markup {
        let kept = held.more.get(&asked.name);
        if !self.subject.may {
            let told = |given| told_given(asked, given, &MoneyUnit::Yuan, self.lang);
            return html! { (kept.map(told).unwrap_or_default()) };
        }
        let (value, label) = (kept.map(written).unwrap_or_default(), asked.called(self.lang));
        let offered: Vec<(String, String)> = match asked.kind {
            Kind::OneOf => {
                asked.choices.iter().filter(|it| !it.retired).map(|it| (it.code.clone(), it.text.clone())).collect()
            }
            Kind::YesNo => [("yes", "是", "yes"), ("no", "否", "no")]
                .map(|(code, zh, en)| (code.to_owned(), self.lang.pick(zh, en).to_owned()))
                .to_vec(),
            _ => return self.input(&added_as(asked), held, &value, label),
        };
        let none = (String::new(), self.lang.pick("请选择", "choose").to_owned());
        let options: Vec<_> = std::iter::once(none).chain(offered).collect();
        self.select(&added_as(asked), held, &value, &options, label)
    }

    /// Up, down, away.
    fn steps(&self, held: &ProjectIndicator) -> Markup {
        let (lang, lines) = (self.lang, &self.subject.held.lines);
        let is = |line: Option<&ProjectIndicator>| line.is_some_and(|line| line.seq == held.seq);
        let button = |action: &str, sign: &str, said: &str, off: bool| {
            let value = format!("{action}:{}", held.seq);
            let label = format!("{said} {}", held.name);
            html! { button name="do" value=(value) title=(said) aria-label=(label) disabled[off] { (sign) } " " }
        };
        html! {
            div.row {
                (button("up", "↑", lang.pick("上移", "up"), is(lines.first())))
                (button("down", "↓", lang.pick("下移", "down"), is(lines.last())))
                (button("delete", lang.pick("删除", "Delete"), lang.pick("删除", "Delete"), false))
            }
        }
    }

    /// The fields of an indicator that is in no library.
    fn own(&self) -> Markup {
        let lang = self.lang;
        let value = |what: &str| self.typed.map_or("", |fields| fields.raw(&format!("own-{what}")));
        let error = |what: &str| self.errors.get(&format!("own-{what}")).map_or("", String::as_str);
        let name = |what: &str| format!("own-{what}");
        let line = |what: &str, label: &str, hint: &str| {
            Field { name: &name(what), label, hint, value: value(what), error: error(what), ..Field::default() }.draw()
        };
        let same = |words: &[&str]| -> Vec<(String, String)> {
            let none = (String::new(), lang.pick("请选择", "choose").to_owned());
            std::iter::once(none).chain(words.iter().map(|word| ((*word).to_owned(), (*word).to_owned()))).collect()
        };
        let choice = |what: &str, label: &str, options: &[(String, String)]| {
            Choice { name: &name(what), label, options, value: value(what), hint: "", error: error(what) }.draw()
        };
        let mut methods = same(&[]);
        methods.extend(self.methods());
        let open = !value("name").is_empty() || self.errors.keys().any(|key| key.starts_with("own-"));
        html! {
            details open[open] {
                summary { (lang.pick("自设指标（指标库里没有合适的才用）", "An indicator of one's own (only if the library has none)")) }
                fieldset.card {
                    legend { (lang.pick("自设指标", "Own indicator")) }
                    (choice("level1", lang.pick("一级指标", "Level 1"), &same(&LEVEL1)))
                    (choice("level2", lang.pick("二级指标", "Level 2"), &same(&LEVEL2)))
                    (line("name", lang.pick("三级指标名称", "Name"), ""))
                    (choice("nature", lang.pick("指标性质", "Nature"), &same(&NATURES)))
                    (line("target", lang.pick("指标值", "Target"), lang.pick("一个数；定性指标写要求", "one number; words if it is qualitative")))
                    (line("unit", lang.pick("度量单位", "Unit"), ""))
                    (line("weight", lang.pick("权重", "Weight"), lang.pick("如 15", "such as 15")))
                    @if self.rules().is_some() {
                        (choice("rule", lang.pick("计分方法", "Scoring"), &methods))
                    } @else {
                        (line("rule", lang.pick("计分方法代号", "Scoring method"), lang.pick("如 PROP_UP", "such as PROP_UP")))
                    }
                    (line("params", lang.pick("计分参数（可不填）", "Parameters (optional)"),
                        lang.pick("扣分法写 step=2;cut=5", "for STEP: step=2;cut=5")))
                    button name="do" value="own" { (lang.pick("加入自设指标", "Add it")) }
                }
            }
        }
    }
}
