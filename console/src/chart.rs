//! Charts drawn at the server as SVG, each with the table of its figures behind it: a picture alone leaves out whoever
//! cannot see it, and nobody can copy a number from it.

use maud::{Markup, html};
use tongpin_domain::lang::Lang;

/// Picture units: the drawing is stretched to the width of its place.
const WIDTH: f64 = 640.0;
const LABEL: f64 = 150.0;
const BAR: f64 = 26.0;
const HEIGHT: f64 = 220.0;

/// One bar: its label, how long it is, and the figure as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What it is of.
    pub label: String,
    /// How long it is, in the unit that the longest sets; `None` draws no bar, which is not zero.
    pub length: Option<f64>,
    /// The figure as text.
    pub figure: String,
    /// `good`, `warn`, `bad`, or nothing.
    pub class: &'static str,
}

/// Horizontal bars from zero, the table behind them. `column` heads the figures.
#[must_use]
pub fn bars(title: &str, column: &str, bars: &[Bar], lang: Lang) -> Markup {
    let longest = bars.iter().filter_map(|bar| bar.length).fold(0.0, f64::max);
    let place = WIDTH - LABEL - 90.0;
    let width = |length: f64| if longest > 0.0 { (length.max(0.0) / longest * place).max(1.0) } else { 0.0 };
    let height = BAR * f64::from(u32::try_from(bars.len()).unwrap_or(u32::MAX));
    let rows = bars.iter().zip(0_u32..);
    let drawing = html! {
        svg class="chart" viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(title) {
            @for (bar, at) in rows {
                @let top = f64::from(at) * BAR;
                text x=(LABEL - 8.0) y=(top + 18.0) text-anchor="end" { (shortened(&bar.label)) }
                @if let Some(length) = bar.length {
                    rect class={ "bar " (bar.class) } x=(LABEL) y=(top + 5.0) width=(round(width(length))) height=(BAR - 10.0) {}
                }
                text x=(LABEL + round(bar.length.map_or(0.0, width)) + 6.0) y=(top + 18.0) { (bar.figure) }
            }
        }
    };
    let rows: Vec<Vec<String>> = bars.iter().map(|bar| vec![bar.label.clone(), bar.figure.clone()]).collect();
    figure(title, &drawing, &[String::new(), column.to_owned()], &rows, lang)
}

/// A line over time: its name and its points; a missing point leaves a gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What it is of.
    pub name: String,
    /// A value for each place on the axis.
    pub points: Vec<Option<f64>>,
}

/// Lines over the places of an axis, from zero, with the table behind them.
#[must_use]
pub fn lines(title: &str, axis: &[String], series: &[Series], lang: Lang) -> Markup {
    let highest = series.iter().flat_map(|line| &line.points).filter_map(|point| *point).fold(0.0, f64::max);
    let gaps = f64::from(u32::try_from(axis.len().saturating_sub(1).max(1)).unwrap_or(u32::MAX));
    let x = |at: usize| 40.0 + f64::from(u32::try_from(at).unwrap_or(u32::MAX)) * (WIDTH - 80.0) / gaps;
    let y = |value: f64| {
        let share = if highest > 0.0 { value / highest } else { 0.0 };
        HEIGHT - 40.0 - share * (HEIGHT - 60.0)
    };
    let drawing = html! {
        svg class="chart" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(title) {
            line class="axis" x1="40" x2=(WIDTH - 40.0) y1=(HEIGHT - 40.0) y2=(HEIGHT - 40.0) {}
            @for (at, place) in axis.iter().enumerate() {
                text x=(round(x(at))) y=(HEIGHT - 20.0) text-anchor="middle" { (place) }
            }
            @for (number, line) in series.iter().enumerate() {
                @for run in runs(&line.points) {
                    @let path: Vec<String> = run.iter().map(|(at, value)| format!("{},{}", round(x(*at)), round(y(*value)))).collect();
                    polyline class=(format!("line line{}", number % 4)) points=(path.join(" ")) {}
                    @for (at, value) in &run { circle class=(format!("dot line{}", number % 4)) cx=(round(x(*at))) cy=(round(y(*value))) r="3" {} }
                }
            }
        }
        p.legend { @for (number, line) in series.iter().enumerate() { span class=(format!("key line{}", number % 4)) {} (line.name) " " } }
    };
    let header: Vec<String> =
        std::iter::once(String::new()).chain(series.iter().map(|line| line.name.clone())).collect();
    let cell = |line: &Series, at: usize| {
        line.points.get(at).copied().flatten().map_or_else(|| "—".to_owned(), |value| format!("{value}"))
    };
    let row = |(at, place): (usize, &String)| {
        std::iter::once(place.clone()).chain(series.iter().map(|line| cell(line, at))).collect()
    };
    let rows: Vec<Vec<String>> = axis.iter().enumerate().map(row).collect();
    figure(title, &drawing, &header, &rows, lang)
}

/// The unbroken runs of a line: a gap is not drawn over.
fn runs(points: &[Option<f64>]) -> Vec<Vec<(usize, f64)>> {
    let mut runs: Vec<Vec<(usize, f64)>> = vec![Vec::new()];
    for (at, point) in points.iter().enumerate() {
        match (point, runs.last_mut()) {
            (Some(value), Some(run)) => run.push((at, *value)),
            _ => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

fn figure(title: &str, drawing: &Markup, header: &[String], rows: &[Vec<String>], lang: Lang) -> Markup {
    html! {
        figure {
            figcaption { (title) }
            (drawing)
            details {
                summary { (lang.pick("查看数据", "Show the figures")) }
                div.wide { table {
                    thead { tr { @for name in header { th scope="col" { (name) } } } }
                    tbody { @for row in rows { tr {
                        @for (at, cell) in row.iter().enumerate() {
                            @if at == 0 { th scope="row" { (cell) } } @else { td.number { (cell) } }
                        }
                    } } }
                } }
            }
        }
    }
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn shortened(label: &str) -> String {
    const SHOWN: usize = 10;
    let short: String = label.chars().take(SHOWN).collect();
    if label.chars().nth(SHOWN).is_some() { short + "…" } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest bar fills its place, a missing one is not drawn, and every figure stands in the table.
    #[test]
    fn bars_and_their_table() {
        let bar = |label: &str, length: Option<f64>, figure: &str| Bar {
            label: label.into(),
            length,
            figure: figure.into(),
            class: "",
        };
        let drawn = [bar("虎丘区", Some(80.0), "80.00"), bar("吴中区", Some(40.0), "40.00"), bar("姑苏区", None, "—")];
        let drawn = bars("得分", "分", &drawn, Lang::Zh).into_string();
        assert_eq!(drawn.matches("<rect").count(), 2);
        assert!(drawn.contains(r#"width="400""#) && drawn.contains(r#"width="200""#));
        assert!(drawn.contains("<td class=\"number\">80.00</td>") && drawn.contains("<td class=\"number\">—</td>"));
    }

    /// A gap breaks the line in two and shows as a dash in the table.
    #[test]
    fn lines_have_gaps() {
        let points = vec![Some(1.0), None, Some(2.0), Some(3.0)];
        assert_eq!(runs(&points), [vec![(0, 1.0)], vec![(2, 2.0), (3, 3.0)]]);
        let axis = ["2021", "2022", "2023", "2024"].map(str::to_owned);
        let drawn = lines("x", &axis, &[Series { name: "a".into(), points }], Lang::En).into_string();
        assert_eq!((drawn.matches("<polyline").count(), drawn.matches(">—<").count()), (2, 1));
    }
}
