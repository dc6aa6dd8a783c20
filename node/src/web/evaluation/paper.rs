//! The self-evaluation as the official form 项目支出绩效自评表 looks: head, money, indicators, total and rating.

use maud::{Markup, html};
use tongpin_domain::lang::Lang;
use tongpin_domain::project::ProjectIndicator;
use tongpin_domain::rules::FormulaCode;

use super::computed::{Computed, number};
use super::filled::{EXECUTION_REASON, LONGEST_ACTUAL, LONGEST_REASON, name};
use crate::records::HeldProject;
use crate::web::amounts::shown;

/// The form of one project.
pub(super) struct Paper<'a> {
    pub(super) held: &'a HeldProject,
    /// 年度目标
    pub(super) goal: &'a str,
    pub(super) computed: Computed<'a>,
    /// Whether values can be typed.
    pub(super) open: bool,
}

impl Paper<'_> {
    fn lang(&self) -> Lang {
        self.computed.lang
    }

    /// All of it.
    pub(super) fn draw(&self) -> Markup {
        html! {
            (self.head())
            (self.money())
            (self.execution_reason())
            (self.goal())
            (self.indicators())
            (self.foot())
        }
    }

    fn head(&self) -> Markup {
        let (lang, project) = (self.lang(), &self.held.project);
        let year = project.fiscal_year.to_string();
        let pairs = [
            [(lang.pick("项目名称", "Project"), &project.name), (lang.pick("项目代码", "Code"), &project.code)],
            [
                (lang.pick("主管部门", "Department"), &project.department),
                (lang.pick("实施单位", "Unit"), &project.unit),
            ],
            [(lang.pick("专项资金", "Fund"), &project.fund_name), (lang.pick("年度", "Year"), &year)],
        ];
        html! {
            div.wide { table {
                caption.hint { (lang.pick("项目支出绩效自评表", "Self-evaluation of project spending")) }
                tbody { @for pair in pairs { tr {
                    @for (label, value) in pair { th scope="row" { (label) } td { (value) } }
                } } }
            } }
        }
    }

    /// The amounts stand in the project's record and are not typed a second time.
    fn money(&self) -> Markup {
        let (lang, money) = (self.lang(), &self.held.project.money);
        let scored = self.computed.scored;
        let weight = scored.map(|(rules, _)| rules.execution.weight.normalize());
        let rate = scored.and_then(|(_, sheet)| sheet.execution_rate);
        let score = scored.and_then(|(_, sheet)| sheet.execution_score);
        let sources = [
            (lang.pick("其中：上级资金", "of it: from above"), &money.upper),
            (lang.pick("本级资金", "own"), &money.local),
            (lang.pick("其他资金", "other"), &money.other),
        ];
        html! {
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("项目资金（元）", "Money (yuan)")) }
                    @for title in [lang.pick("年初预算数", "initial"), lang.pick("上年结转", "carried over"),
                        lang.pick("预算调整", "adjusted by"), lang.pick("全年预算数（A）", "budget (A)"),
                        lang.pick("到位数", "arrived"), lang.pick("全年执行数（B）", "spent (B)"), lang.pick("分值", "weight"),
                        lang.pick("执行率（B/A，%）", "B/A (%)"), lang.pick("得分", "score")] {
                        th.number scope="col" { (title) }
                    }
                } }
                tbody {
                    tr {
                        th scope="row" { (lang.pick("年度资金总额", "The year's total")) }
                        @for amount in [&money.initial, &money.carry_over, &money.adjust, &money.adjusted,
                            &money.arrived, &money.executed] { td.number { (shown(amount)) } }
                        td.number { (number(weight)) }
                        td.number { (number(rate)) }
                        td.number { (number(score)) }
                    }
                    @for (label, amount) in sources { tr {
                        th scope="row" { (label) }
                        td colspan="3" {}
                        td.number { (shown(amount)) }
                        td colspan="5" {}
                    } }
                }
            } }
        }
    }

    /// 执行率偏低的原因: asked for where the rules do, kept wherever it was written.
    fn execution_reason(&self) -> Markup {
        let (lang, filled) = (self.lang(), self.computed.filled);
        let held = &filled.execution_reason;
        let label = lang.pick("执行率偏低的原因及改进措施", "Why little was spent, and the remedy");
        if !self.open {
            return html! { @if !held.is_empty() {
                div.wide { table { tbody { tr { th scope="row" { (label) } td.text { (held) } } } } }
            } };
        }
        html! {
            div.wide { table { tbody { tr {
                th scope="row" { label for=(EXECUTION_REASON) { (label) } }
                td {
                    textarea id=(EXECUTION_REASON) name=(EXECUTION_REASON) rows="2" maxlength=(LONGEST_REASON)
                        aria-describedby="said-execution"
                        aria-invalid=[filled.refused.contains_key(EXECUTION_REASON).then_some("true")]
                        { "\n" (filled.shown(EXECUTION_REASON, held)) }
                    (self.computed.said_of_execution())
                }
            } } } }
        }
    }

    /// What was to be reached, where the goal has been written: it is not typed a second time either.
    fn goal(&self) -> Markup {
        html! {
            @if !self.goal.is_empty() {
                div.wide { table { tbody { tr {
                    th scope="row" { (self.lang().pick("年度预期目标", "The year's goal")) }
                    td.text { (self.goal) }
                } } } }
            }
        }
    }

    fn indicators(&self) -> Markup {
        let lang = self.lang();
        html! {
            div.wide { table {
                thead { tr {
                    @for title in [lang.pick("一级指标", "level 1"), lang.pick("二级指标", "level 2"),
                        lang.pick("三级指标", "indicator"), lang.pick("性质", "nature"), lang.pick("年度指标值", "target"),
                        lang.pick("单位", "unit"), lang.pick("实际完成值", "actual"), lang.pick("分值", "weight"),
                        lang.pick("得分", "score"), lang.pick("佐证件数", "evidence"),
                        lang.pick("偏差原因分析及改进措施", "reason and remedy")] {
                        th scope="col" { (title) }
                    }
                } }
                @for line in &self.computed.filled.lines { (self.line(line)) }
            } }
        }
    }

    fn line(&self, line: &ProjectIndicator) -> Markup {
        let seq = line.seq;
        html! {
            tbody {
                tr {
                    td { (line.level1) }
                    td { (line.level2) }
                    th scope="row" { (seq) ". " (line.name) }
                    td { (line.nature) }
                    td { (line.target.raw()) }
                    td { (line.unit) }
                    td { (self.actual(line)) }
                    td.number { (line.weight.normalize()) }
                    td.number { (self.computed.score(seq)) }
                    td.number { (self.evidence(line)) }
                    td { (self.reason(line)) }
                }
                tr.noprint { td colspan="11" { (self.computed.said(line)) } }
            }
        }
    }

    fn actual(&self, line: &ProjectIndicator) -> Markup {
        let (lang, filled) = (self.lang(), self.computed.filled);
        let (actual, grade) = (name("actual", line.seq), name("grade", line.seq));
        let percent = line.qual_pct.map(|percent| percent.normalize().to_string()).unwrap_or_default();
        if !self.open {
            return html! { (line.actual.raw()) @if !percent.is_empty() { " （" (percent) "%）" } };
        }
        let said = format!("said-{}", line.seq);
        let bad = |name: &str| filled.refused.contains_key(name).then_some("true");
        html! {
            input name=(actual) value=(filled.shown(&actual, line.actual.raw())) maxlength=(LONGEST_ACTUAL)
                autocomplete="off" aria-describedby=(said) aria-invalid=[bad(&actual)]
                aria-label=(lang.pick(&format!("第 {} 项实际完成值", line.seq), &format!("actual of line {}", line.seq)));
            @if self.graded(line) {
                label { (lang.pick("系数（%）", "coefficient (%)")) " "
                    input name=(grade) value=(filled.shown(&grade, &percent)) inputmode="decimal" autocomplete="off"
                        aria-describedby=(said) aria-invalid=[bad(&grade)];
                }
            }
        }
    }

    /// Whether a coefficient belongs to the line, or stands there already.
    fn graded(&self, line: &ProjectIndicator) -> bool {
        let formula = self.computed.scored.and_then(|(rules, _)| rules.formulas.get(line.rule_type.trim()));
        line.qual_pct.is_some()
            || formula.is_some_and(|rule| rule.formula == FormulaCode::Grade)
            || self.computed.filled.refused.contains_key(&name("grade", line.seq))
    }

    fn evidence(&self, line: &ProjectIndicator) -> Markup {
        let (lang, filled, evidence) = (self.lang(), self.computed.filled, name("evidence", line.seq));
        let count = line.evidence_count.to_string();
        if !self.open {
            return html! { (count) };
        }
        html! {
            input.weight name=(evidence) value=(filled.shown(&evidence, &count)) inputmode="numeric" autocomplete="off"
                aria-describedby=(format!("said-{}", line.seq))
                aria-invalid=[filled.refused.contains_key(&evidence).then_some("true")]
                aria-label=(lang.pick(&format!("第 {} 项佐证件数", line.seq), &format!("pieces of evidence of line {}", line.seq)));
        }
    }

    fn reason(&self, line: &ProjectIndicator) -> Markup {
        if !self.open {
            return html! { (line.deviation_reason) };
        }
        let (lang, filled, reason) = (self.lang(), self.computed.filled, name("reason", line.seq));
        html! {
            textarea name=(reason) rows="2" maxlength=(LONGEST_REASON) aria-describedby=(format!("said-{}", line.seq))
                aria-invalid=[filled.refused.contains_key(&reason).then_some("true")]
                aria-label=(lang.pick(&format!("第 {} 项偏差原因分析及改进措施", line.seq),
                    &format!("reason and remedy of line {}", line.seq)))
                { "\n" (filled.shown(&reason, &line.deviation_reason)) }
        }
    }

    fn foot(&self) -> Markup {
        let lang = self.lang();
        html! {
            div.wide { table { tbody { tr {
                th scope="row" { (lang.pick("总分", "Total")) }
                td.number aria-live="polite" { (self.computed.total()) }
                th scope="row" { (lang.pick("评价结论", "Rating")) }
                td { (self.computed.rating()) " " (self.computed.status()) }
                th scope="row" { (lang.pick("项目负责人", "Person in charge")) }
                td {}
                th scope="row" { (lang.pick("财务负责人", "Finance officer")) }
                td {}
            } } } }
            div.noprint { (self.computed.open()) }
        }
    }
}
