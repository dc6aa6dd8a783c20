//! 翻页: the numbers below a list that lead to its pages, how many rows a page has, and a jump to any page. All of it
//! is links and one small form, so that it works without a script; filters, order and columns stay as they were asked.

use maud::{Markup, html};
use tongpin_domain::lang::Lang;
use tongpin_domain::thousands::marked;

use super::Asked;

/// Rows on a page unless the reader chose otherwise.
pub const PAGE: u64 = 50;
/// How many rows a reader may choose to have on a page.
const CHOICES: [u64; 4] = [20, PAGE, 100, 200];
/// No list has more pages than these.
const MOST: u64 = 1_000_000;

impl Asked {
    /// Rows on a page.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.text("rows").parse().ok().filter(|rows| CHOICES.contains(rows)).unwrap_or(PAGE)
    }

    /// The page, counted from 0.
    #[must_use]
    pub fn page(&self) -> u64 {
        self.text("page").parse::<u64>().unwrap_or(1).clamp(1, MOST) - 1
    }

    /// The address of a page, counted from 0.
    fn to_page(&self, page: u64) -> String {
        let number = if page == 0 { String::new() } else { (page + 1).to_string() };
        self.with("page", &number)
    }
}

/// The pages whose numbers are shown, counted from 0, with `None` where some are left out: the first, the last, the
/// present one and its neighbours. A single page is never left out, because its number is as short as what says so.
fn numbered(now: u64, last: u64) -> Vec<Option<u64>> {
    let near = now.saturating_sub(1)..=now.saturating_add(1).min(last);
    let mut shown: Vec<u64> = [0, last].into_iter().chain(near).collect();
    if now <= 2 {
        shown.extend(0..=3.min(last));
    }
    if now + 2 >= last {
        shown.extend(last.saturating_sub(3)..=last);
    }
    shown.sort_unstable();
    shown.dedup();
    let mut all = Vec::with_capacity(shown.len() + 2);
    let mut next = 0;
    for page in shown {
        match page - next {
            0 => {}
            1 => all.push(Some(next)),
            _ => all.push(None),
        }
        all.push(Some(page));
        next = page + 1;
    }
    all
}

/// What stands below a list of `total` rows.
#[must_use]
pub fn pages(asked: &Asked, total: u64, lang: Lang) -> Markup {
    let (rows, now) = (asked.rows(), asked.page());
    let last = total.saturating_sub(1) / rows;
    let numbers = numbered(now.min(last), last);
    // The number of a page behind the last one was typed: from there the only way is back.
    let (previous, next) = (now.min(last + 1).checked_sub(1), (now < last).then_some(now + 1));
    html! {
        nav.pages aria-label=(lang.pick("翻页", "Pages")) {
            span.count { (counted(now * rows, rows, total, lang)) }
            @if last > 0 || now > 0 {
                ol {
                    li { (step(asked, previous, ("prev", lang.pick("上一页", "Previous")))) }
                    @for number in &numbers {
                        @match number {
                            Some(page) if *page == now => { li { span aria-current="page" { (page + 1) } } }
                            Some(page) => { li.far[page.abs_diff(now) > 1 && *page != 0 && *page != last] {
                                a href=(asked.to_page(*page)) aria-label=(lang.pick(
                                    &format!("第 {} 页", page + 1), &format!("page {}", page + 1))) { (page + 1) }
                            } }
                            None => { li { span aria-hidden="true" { "…" } } }
                        }
                    }
                    li { (step(asked, next, ("next", lang.pick("下一页", "Next")))) }
                }
                @if numbers.contains(&None) { (jump(asked, last, lang)) }
            }
            @if CHOICES.iter().any(|least| total > *least) { (choices(asked, rows, lang)) }
        }
    }
}

/// How many rows there are, and which of them stand here.
fn counted(before: u64, rows: u64, total: u64, lang: Lang) -> String {
    let number = |number: u64| marked(&number.to_string());
    let all = number(total);
    if before >= total {
        return lang.pick(&format!("共 {all} 条，没有这一页"), &format!("{all} in all, and no such page")).to_owned();
    }
    let (first, end) = (number(before + 1), number(total.min(before.saturating_add(rows))));
    lang.pick(&format!("共 {all} 条，第 {first}–{end} 条"), &format!("{first}–{end} of {all}")).to_owned()
}

/// One page back or on; a word without a link where there is none, so that the others stay in their places.
fn step(asked: &Asked, to: Option<u64>, (rel, word): (&str, &str)) -> Markup {
    html! {
        @if let Some(page) = to { a href=(asked.to_page(page)) rel=(rel) { (word) } }
        @else { span.off { (word) } }
    }
}

fn jump(asked: &Asked, last: u64, lang: Lang) -> Markup {
    html! {
        form.jump method="get" action=[asked.action()] {
            (asked.hidden(&[]))
            label { (lang.pick("跳到第", "Go to page")) " "
                input type="number" name="page" min="1" max=(last + 1) required inputmode="numeric";
                (lang.pick(" 页", "")) }
            button { (lang.pick("跳转", "Go")) }
        }
    }
}

fn choices(asked: &Asked, rows: u64, lang: Lang) -> Markup {
    html! {
        span.per {
            (lang.pick("每页", "Rows:"))
            @for choice in CHOICES {
                @if choice == rows { strong aria-current="true" { (choice) } }
                @else { a href=(asked.with("rows", &choice.to_string())) { (choice) } }
            }
            (lang.pick("条", ""))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(now: u64, pages: u64) -> String {
        let number = |page: &Option<u64>| page.map_or("…".to_owned(), |page| (page + 1).to_string());
        numbered(now - 1, pages - 1).iter().map(number).collect::<Vec<_>>().join(" ")
    }

    /// The ends and the neighbours are always there, and nothing is left out that would take no more room.
    #[test]
    fn numbers() {
        for (now, pages, shown) in [
            (1, 1, "1"),
            (1, 2, "1 2"),
            (3, 5, "1 2 3 4 5"),
            (1, 6, "1 2 3 4 5 6"),
            (1, 7, "1 2 3 4 … 7"),
            (4, 7, "1 2 3 4 5 6 7"),
            (5, 38, "1 … 4 5 6 … 38"),
            (1, 38, "1 2 3 4 … 38"),
            (3, 38, "1 2 3 4 … 38"),
            (4, 38, "1 2 3 4 5 … 38"),
            (36, 38, "1 … 35 36 37 38"),
            (38, 38, "1 … 35 36 37 38"),
        ] {
            assert_eq!(told(now, pages), shown, "page {now} of {pages}");
        }
    }

    fn asked(pairs: &[(&str, &str)]) -> Asked {
        Asked::of(pairs)
    }

    /// Every way to another page keeps what was asked for; the choice of rows begins on the first page.
    #[test]
    fn ways() {
        let asked = asked(&[("q", "桥"), ("page", "5"), ("sort", "-sum"), ("rows", "20")]);
        let drawn = pages(&asked, 741, Lang::Zh).into_string();
        let kept = "q=%E6%A1%A5&amp;sort=-sum&amp;rows=20";
        for way in [
            "共 741 条，第 81–100 条".to_owned(),
            format!("href=\"?{kept}&amp;page=4\" rel=\"prev\""),
            format!("href=\"?{kept}&amp;page=6\" rel=\"next\""),
            format!("href=\"?{kept}&amp;page=38\""),
            format!("href=\"?{kept}\" aria-label=\"第 1 页\""),
            "<span aria-current=\"page\">5</span>".to_owned(),
            "name=\"page\" min=\"1\" max=\"38\"".to_owned(),
            "<input type=\"hidden\" name=\"sort\" value=\"-sum\">".to_owned(),
            "href=\"?q=%E6%A1%A5&amp;sort=-sum&amp;rows=100\">100</a>".to_owned(),
        ] {
            assert!(drawn.contains(&way), "{way} is not in {drawn}");
        }
    }

    /// A short list has nothing but its count; behind the last page there is a way back; no address makes a page of
    /// any other length than those that can be chosen.
    #[test]
    fn ends() {
        let short = pages(&Asked::default(), 20, Lang::En).into_string();
        assert!(short.contains("1–20 of 20") && !short.contains("href") && !short.contains("<form"), "{short}");
        let behind = pages(&asked(&[("page", "9")]), 120, Lang::Zh).into_string();
        assert!(behind.contains("共 120 条，没有这一页"), "{behind}");
        assert!(behind.contains("href=\"?page=3\" rel=\"prev\"") && !behind.contains("rel=\"next\""), "{behind}");
        assert!(!behind.contains("aria-current=\"page\""), "{behind}");
        for (rows, taken) in [("100", 100), ("7", PAGE), ("99999999", PAGE), ("", PAGE)] {
            assert_eq!(asked(&[("rows", rows)]).rows(), taken);
        }
    }
}
