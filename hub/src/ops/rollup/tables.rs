//! A roll-up as a person reads it: coverage and method first, then the figures.

use serde::Serialize;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_domain::rollup::{Aggregate, Coverage, FundLine, Method, RegionLine};

use super::{Computed, Figures, method_text, rules_text};

/// A roll-up as it is told.
#[derive(Serialize)]
pub(crate) struct RolledUp {
    pub(crate) collection: String,
    pub(crate) title: String,
    pub(crate) period: String,
    pub(crate) due: String,
    pub(crate) method: Method,
    pub(crate) coverage: Coverage,
    /// Results under several rule sets are put together.
    pub(crate) mixed_rules: bool,
    #[serde(flatten)]
    pub(crate) figures: Figures,
}

impl RolledUp {
    /// What a roll-up is told as.
    pub(crate) fn new(computed: Computed) -> Self {
        let Computed { evidence, method, figures, .. } = computed;
        Self {
            collection: evidence.collection.id,
            title: evidence.collection.title,
            period: evidence.collection.period,
            due: evidence.collection.due.to_string(),
            method,
            coverage: evidence.coverage,
            mixed_rules: figures.basis().mixed_rules(),
            figures,
        }
    }

    /// What has to be known before the figures: what was asked, the method, the rules, who has reported.
    pub(crate) fn head(&self, lang: Lang) -> Vec<String> {
        let (basis, method) = (self.figures.basis(), method_text(self.method, lang));
        let (rules, coverage) = (rules_text(&basis.rules, lang), self.coverage.say(lang));
        let Self { title, collection, period, due, .. } = self;
        let mut lines = match lang {
            Lang::Zh => vec![
                format!("{title}（{collection}，期间 {period}，截止 {due}）"),
                format!("汇总方法：{method}；规则：{rules}"),
                format!("上报情况：{coverage}"),
            ],
            Lang::En => vec![
                format!("{title} ({collection}, period {period}, due {due})"),
                format!("Method: {method}; rules: {rules}"),
                format!("Coverage: {coverage}"),
            ],
        };
        if self.mixed_rules {
            let zh = "注意：各单位的得分出自不同版本的规则，合计仅供参考；请相关单位按同一版本重新计分、上报。";
            let en = "Note: the scores come from different releases of the rules; the totals are indicative only.";
            lines.push(lang.pick(zh, en).to_owned());
        }
        let withheld = basis.withheld;
        if withheld.groups > 0 {
            let zh =
                format!("注意：有 {} 个分组（{} 条记录）因低于最小分组未上报。", withheld.groups, withheld.records);
            let en = format!("Note: {} small groups ({} records) were withheld.", withheld.groups, withheld.records);
            lines.push(lang.pick(&zh, &en).to_owned());
        }
        lines
    }

    /// The figures as a table: its headers and its rows.
    pub(crate) fn rows(&self, lang: Lang) -> (Vec<&'static str>, Vec<Vec<String>>) {
        match &self.figures {
            Figures::Regions(rollup) => regions(&rollup.lines, self.coverage.complete(), lang),
            Figures::Funds(rollup) => funds(&rollup.lines, lang),
        }
    }
}

fn regions(lines: &[RegionLine], complete: bool, lang: Lang) -> (Vec<&'static str>, Vec<Vec<String>>) {
    let headers = match lang {
        Lang::Zh => [
            "排名",
            "区划",
            "名称",
            "项目",
            "已评分",
            "预算（万元）",
            "覆盖率%",
            "加权得分",
            "简单平均",
            "评级",
            "说明",
        ],
        Lang::En => {
            ["Rank", "Region", "Name", "Projects", "Rated", "Budget 10k", "Cover %", "Score", "Mean", "Rating", "Note"]
        }
    };
    let row = |(at, line)| region_row(line, at + 1 == lines.len(), complete, lang);
    (headers.to_vec(), lines.iter().enumerate().map(row).collect())
}

fn region_row(line: &RegionLine, parent: bool, complete: bool, lang: Lang) -> Vec<String> {
    let dash = || "—".to_owned();
    let mut row =
        vec![line.rank.map_or_else(dash, |rank| rank.to_string()), line.region.to_string(), line.name.clone()];
    let note = region_note(line, parent, complete, lang);
    match &line.figures {
        None => row.resize(10, dash()),
        Some(figures) => row.extend([
            figures.projects.to_string(),
            figures.projects_scored.to_string(),
            figures.budget_total.wan(),
            figures.coverage_pct.map_or_else(dash, |pct| pct.to_string()),
            figures.weighted_score.map_or_else(dash, |score| score.to_string()),
            figures.simple_mean.map_or_else(dash, |mean| mean.to_string()),
            figures.rating.clone().unwrap_or_else(dash),
        ]),
    }
    row.push(note);
    row
}

/// What has to be said of a line: no report, not ranked, mixed rules, former codes. `parent` is the line of the whole,
/// `complete` whether everybody has reported.
pub(crate) fn region_note(line: &RegionLine, parent: bool, complete: bool, lang: Lang) -> String {
    let formerly: Vec<&str> = line.formerly.iter().map(RegionCode::as_str).collect();
    let formerly = match formerly.as_slice() {
        [] => String::new(),
        codes => format!("{}{}", lang.pick("原 ", "formerly "), codes.join(lang.pick("、", ", "))),
    };
    let notes = [standing(line, parent, complete, lang), &formerly];
    notes.into_iter().filter(|note| !note.is_empty()).collect::<Vec<_>>().join(lang.pick("；", "; "))
}

fn standing(line: &RegionLine, parent: bool, complete: bool, lang: Lang) -> &'static str {
    match (&line.figures, line.rank) {
        _ if line.mixed_rules && !parent => lang.pick("规则版本不一", "mixed rules"),
        (None, _) if parent => lang.pick("尚无上报", "no reports yet"),
        (None, _) if line.awaits_review() => lang.pick("已收待审核", "awaits review"),
        (None, _) if line.why_left_out().is_some() => lang.pick("已上报，未计入", "reported, not counted"),
        (None, _) => lang.pick("未上报", "no report"),
        (Some(_), None) if parent && complete => lang.pick("合计", "all"),
        (Some(_), None) if parent => lang.pick("已报单位合计", "all that reported"),
        (Some(_), None) => lang.pick("覆盖率不足，不排名", "covered too little to rank"),
        _ => "",
    }
}

fn funds(lines: &[FundLine], lang: Lang) -> (Vec<&'static str>, Vec<Vec<String>>) {
    let headers = match lang {
        Lang::Zh => ["专项", "指标", "名称", "汇总方式", "指标值", "完成值", "分值", "得分", "采用/共", "说明"],
        Lang::En => ["Fund", "Indicator", "Name", "Method", "Target", "Actual", "Weight", "Score", "Used", "Note"],
    };
    (headers.to_vec(), lines.iter().map(|line| fund_row(line, lang)).collect())
}

fn fund_row(line: &FundLine, lang: Lang) -> Vec<String> {
    let dash = || "—".to_owned();
    let value = |value: &Option<Aggregate>| value.as_ref().map_or_else(dash, Aggregate::text);
    let total = line.projects_total.map_or_else(dash, |total| total.to_string());
    let notes: Vec<String> = line.notes.iter().map(|note| note.say(lang)).collect();
    vec![
        line.fund_code.clone(),
        line.indicator_code.clone(),
        line.name.clone(),
        line.method.map_or_else(dash, |method| method.to_string()),
        value(&line.target),
        value(&line.actual),
        line.weight.map_or_else(dash, |weight| weight.normalize().to_string()),
        line.score.map_or_else(dash, |score| score.to_string()),
        format!("{}/{total}", line.projects_used),
        notes.join(lang.pick("；", "; ")),
    ]
}
