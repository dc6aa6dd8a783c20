//! 单据列表: what lists, filters and roll-ups see of documents, in tables that are made from their forms.
//!
//! Beside its record each document has a row in the table `f_<code>` of its form, and each of its rows one in
//! `r<number>_<code>`. The tables are made and widened in the transaction that applies a release of the form; they are
//! never narrowed, and a column never changes its type. Rows are written in the transaction that lands the record or
//! the verdict on it, and made anew by [`Store::rebuild_form`](crate::Store::rebuild_form); with them the counts of
//! documents by state and period. A release writes no row that is there: what it cannot leave as it is, documents that
//! waited for it, is listed after it piece by piece.
//!
//! A code is a table's name, so that it belongs to whoever published a form of it first: documents of another
//! publisher's form of the same code are kept, and listed nowhere.

mod count;
mod definition;
mod filter;
mod held;
mod land;
mod making;
mod page;
mod rebuild;
mod stream;
mod supplement;
mod table;
mod typed;
mod verdict;
mod waiting;

use tongpin_domain::catalog::{CatalogId, Entry};
use tongpin_domain::form::{DOCUMENT, FORMS, SUPPLEMENTS, VERDICTS};
use tongpin_domain::moment::Moment;

pub use count::DocumentCount;
pub use filter::{FieldTest, FilterOp, FormFilter};
pub use held::FormHeld;
pub use page::{DocumentRow, FormColumn};
pub use stream::FormLine;

pub(crate) use definition::Definitions;
pub(crate) use land::write_form_rows;
pub(crate) use verdict::leaving;

use crate::db::Tx;
use crate::error::StoreError;

/// What errors call the tables of forms.
const DOCUMENTS: &str = "form document";

/// The turn of whoever writes rows of a form, or makes its tables: a document that lands while the table is being made
/// would be seen by neither.
fn turn(code: &str) -> String {
    format!("form {code}")
}

/// Does what follows from a release that was just applied: of forms and what is added to them, tables; of verdicts, the
/// states of the documents they are about. `gone` are the verdicts that were taken away, see [`leaving`].
pub(crate) async fn follow(
    tx: &mut Tx,
    id: &CatalogId,
    upserts: &[Entry],
    gone: &[String],
    at: Moment,
) -> Result<(), StoreError> {
    match id.name.as_str() {
        FORMS => definition::apply(tx, id, upserts, at).await?,
        SUPPLEMENTS => supplement::apply(tx, id, upserts, at).await?,
        VERDICTS => {
            let names = upserts.iter().map(|entry| entry.key.as_str()).chain(gone.iter().map(String::as_str));
            if verdict::decide(tx, names).await? > 0 {
                tx.touch_records(std::iter::once(DOCUMENT));
            }
        }
        _ => {}
    }
    Ok(())
}
