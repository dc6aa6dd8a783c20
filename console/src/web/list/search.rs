//! 查询条件: the filters above a list on one line, further ones behind 更多条件, and below them each filter that is on,
//! to be taken away by itself or all together.

use maud::{Markup, html};
use tongpin_domain::lang::Lang;

use super::Asked;

/// What a filter asks for.
#[derive(Debug, Clone)]
pub enum Ask {
    /// Words; what is said in the box while it is empty.
    Words(String),
    /// One of these: the value and what it is called.
    One(Vec<(String, String)>),
    /// Only what is so: the value that says it.
    Only(&'static str),
    /// From one value to another, both included, each in a box of this type, such as `date`; and the unit.
    Between(&'static str, String),
}

/// A filter of a list.
#[derive(Debug, Clone)]
pub struct Filter {
    /// What the address calls it.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What it asks for.
    pub ask: Ask,
    /// Whether it stands behind 更多条件.
    pub further: bool,
}

impl Filter {
    /// A filter on the line.
    #[must_use]
    pub fn new(name: &str, label: &str, ask: Ask) -> Self {
        Self { name: name.to_owned(), label: label.to_owned(), ask, further: false }
    }

    /// Words anywhere in a row; what is said in the box while it is empty.
    #[must_use]
    pub fn words(hint: &str, lang: Lang) -> Self {
        Self::new("q", lang.pick("包含", "Contains"), Ask::Words(hint.to_owned()))
    }

    /// A choice among words of the program: what the address says, and what they are called.
    #[must_use]
    pub fn one<const N: usize>(name: &str, label: &str, words: [(&str, &str, &str); N], lang: Lang) -> Self {
        let words = words.map(|(value, zh, en)| (value.to_owned(), lang.pick(zh, en).to_owned()));
        Self::new(name, label, Ask::One(words.to_vec()))
    }

    /// A choice among texts that mean themselves.
    #[must_use]
    pub fn texts<'a>(name: &str, label: &str, texts: impl IntoIterator<Item = &'a str>) -> Self {
        let texts = texts.into_iter().map(|text| (text.to_owned(), text.to_owned()));
        Self::new(name, label, Ask::One(texts.collect()))
    }

    /// The same behind 更多条件.
    #[must_use]
    pub fn further(self) -> Self {
        Self { further: true, ..self }
    }

    /// Where a filter from one value to another has its first one in the address.
    #[must_use]
    pub fn least(name: &str) -> String {
        format!("{name}.from")
    }

    /// And its last one.
    #[must_use]
    pub fn most(name: &str) -> String {
        format!("{name}.to")
    }

    /// What the address calls its values.
    fn names(&self) -> Vec<String> {
        match self.ask {
            Ask::Between(..) => vec![Self::least(&self.name), Self::most(&self.name)],
            _ => vec![self.name.clone()],
        }
    }

    fn is_on(&self, asked: &Asked) -> bool {
        self.names().iter().any(|name| !asked.text(name).is_empty())
    }

    /// What it lets through, if it is on: 状态：草稿.
    fn told(&self, asked: &Asked, lang: Lang) -> Option<String> {
        if !self.is_on(asked) {
            return None;
        }
        let value = asked.text(&self.name);
        let value = match &self.ask {
            Ask::Only(_) => return Some(self.label.clone()),
            Ask::Words(_) => format!("“{value}”"),
            Ask::One(options) => called(options, value).to_owned(),
            Ask::Between(_, unit) => {
                let (least, most) = (asked.text(&Self::least(&self.name)), asked.text(&Self::most(&self.name)));
                let range = match (least, most) {
                    (least, "") => format!("≥ {least}"),
                    ("", most) => format!("≤ {most}"),
                    (least, most) => format!("{least} – {most}"),
                };
                if unit.is_empty() { range } else { format!("{range} {unit}") }
            }
        };
        Some(format!("{}{}{value}", self.label, lang.pick("：", ": ")))
    }

    fn draw(&self, asked: &Asked, lang: Lang) -> Markup {
        let value = asked.text(&self.name);
        match &self.ask {
            Ask::Words(hint) => html! {
                input type="search" name=(self.name) value=(value) aria-label=(self.label)
                    placeholder=(if hint.is_empty() { &self.label } else { hint });
            },
            Ask::Only(word) => html! {
                label { input type="checkbox" name=(self.name) value=(word) checked[value == *word]; (self.label) }
            },
            // A value that occurs nowhere is shown all the same, since it is what the list was filtered by.
            Ask::One(options) => html! {
                select name=(self.name) aria-label=(self.label) .on[!value.is_empty()] {
                    option value="" { (self.label) (lang.pick("：全部", ": all")) }
                    @if !value.is_empty() && !options.iter().any(|(option, _)| option == value) {
                        option value=(value) selected { (value) }
                    }
                    @for (option, shown) in options {
                        option value=(option) selected[option == value] { (shown) }
                    }
                }
            },
            Ask::Between(kind, unit) => {
                let end = |name: &str, word: &str| {
                    html! {
                        input type=(kind) name=(name) value=(asked.text(name)) aria-label={ (self.label) " " (word) }
                            step=[(*kind == "number").then_some("any")];
                    }
                };
                html! {
                    fieldset.between {
                        legend { (self.label)
                            @if !unit.is_empty() { (lang.pick("（", " (")) (unit) (lang.pick("）", ")")) } }
                        (end(&Self::least(&self.name), lang.pick("从", "from"))) "–"
                        (end(&Self::most(&self.name), lang.pick("到", "to")))
                    }
                }
            }
        }
    }
}

fn called<'a>(options: &'a [(String, String)], value: &'a str) -> &'a str {
    options.iter().find(|(option, _)| option == value).map_or(value, |(_, shown)| shown)
}

/// The filters of a list as a form, and those that are on. What else the address asks for, such as the order, stays.
#[must_use]
pub fn search(filters: &[Filter], asked: &Asked, lang: Lang) -> Markup {
    let names: Vec<String> = filters.iter().flat_map(Filter::names).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let further: Vec<&Filter> = filters.iter().filter(|filter| filter.further).collect();
    let on: Vec<(&Filter, String)> =
        filters.iter().filter_map(|filter| Some((filter, filter.told(asked, lang)?))).collect();
    html! {
        form.search.noprint method="get" action=[asked.action()] role="search" {
            (asked.hidden(&names))
            @for filter in filters.iter().filter(|filter| !filter.further) { (filter.draw(asked, lang)) }
            button { (lang.pick("查询", "Search")) }
            @if !further.is_empty() {
                details.further open[further.iter().any(|filter| filter.is_on(asked))] {
                    summary { (lang.pick("更多条件", "More filters")) }
                    div { @for filter in &further { (filter.draw(asked, lang)) } }
                }
            }
        }
        @if !on.is_empty() {
            ul.filters aria-label=(lang.pick("已选条件", "Filters that are on")) {
                @for (filter, told) in &on {
                    @let gone: Vec<String> = filter.names();
                    li { a.chip href=(asked.without(&gone.iter().map(String::as_str).collect::<Vec<_>>()))
                        aria-label=(lang.pick(&format!("去掉条件 {told}"), &format!("take away {told}"))) {
                        (told) " " span aria-hidden="true" { "×" }
                    } }
                }
                li { a href=(asked.without(&names)) { (lang.pick("清除全部条件", "Clear all")) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters() -> Vec<Filter> {
        let states = [("draft", "草稿"), ("sent", "待审核")].map(|(code, text)| (code.to_owned(), text.to_owned()));
        vec![
            Filter::new("q", "包含", Ask::Words(String::new())),
            Filter::new("state", "状态", Ask::One(states.to_vec())),
            Filter::new("late", "只看逾期", Ask::Only("1")),
            Filter::new("f.sum", "金额", Ask::Between("number", "万元".to_owned())).further(),
        ]
    }

    fn drawn(pairs: &[(&str, &str)]) -> String {
        search(&filters(), &Asked::of(pairs), Lang::Zh).into_string()
    }

    /// Each filter that is on can be taken away alone, and all of them together; order and columns stay.
    #[test]
    fn taken_away() {
        let shown = drawn(&[
            ("state", "draft"),
            ("q", "桥"),
            ("f.sum.from", "10"),
            ("f.sum.to", "20.5"),
            ("sort", "-sum"),
            ("page", "3"),
        ]);
        for part in [
            "<a class=\"chip\" href=\"?q=%E6%A1%A5&amp;f.sum.from=10&amp;f.sum.to=20.5&amp;sort=-sum\" aria-label=\"去掉条件 状态：草稿\">",
            "<a class=\"chip\" href=\"?state=draft&amp;q=%E6%A1%A5&amp;sort=-sum\" aria-label=\"去掉条件 金额：10 – 20.5 万元\">",
            "<a href=\"?sort=-sum\">清除全部条件</a>",
            "<input type=\"hidden\" name=\"sort\" value=\"-sum\">",
            "<option value=\"draft\" selected>草稿</option>",
            "<details class=\"further\" open>",
        ] {
            assert!(shown.contains(part), "{part} is not in {shown}");
        }
        assert!(!shown.contains("name=\"page\""), "{shown}");
    }

    /// On the page that a refused step shows, every way leads from the page's own address.
    #[test]
    fn elsewhere() {
        let shown = search(&filters(), &Asked::at("/nodes"), Lang::Zh).into_string();
        assert!(shown.contains("method=\"get\" action=\"/nodes\""), "{shown}");
        assert_eq!(Asked::at("/nodes").with("sort", "name"), "/nodes?sort=name");
        assert!(!drawn(&[]).contains("action="));
    }

    /// Where no filter is on, nothing is to be taken away; half a range says which half; a value that nobody knows is
    /// shown as it is.
    #[test]
    fn told() {
        assert!(!drawn(&[("sort", "sum")]).contains("class=\"filters\""));
        assert!(drawn(&[("f.sum.to", "7")]).contains("金额：≤ 7 万元"));
        assert!(drawn(&[("f.sum.from", "7")]).contains("金额：≥ 7 万元"));
        let odd = drawn(&[("state", "<b>")]);
        assert!(odd.contains("状态：&lt;b&gt;") && odd.contains("<option value=\"&lt;b&gt;\" selected>"), "{odd}");
        assert!(drawn(&[("late", "1")]).contains("aria-label=\"去掉条件 只看逾期\""));
    }
}
