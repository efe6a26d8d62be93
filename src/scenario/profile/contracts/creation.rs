//! Contracts that transactions of the run create.

use super::{
    super::{expressions::Text, names::Context, reader::Reader},
    Found, FoundOrigin,
};
use crate::{
    protocol::profile::{Origin, expression::Type},
    scenario::read::table::Table,
};

/// How contracts are created in the run.
pub(super) struct Creation {
    /// The event that tells of one.
    event: usize,
    /// Its address.
    address: Text,
}

/// Reads how contracts are created in the run, now that the contracts and events are known:
/// `{ event = "factory.ProxyCreation", address = "event.proxy" }`.
pub(in crate::scenario::profile) fn creations<'a>(found: &mut [Found<'a>], reader: &mut Reader<'a>) {
    for found in found {
        let FoundOrigin::Created(value, creation) = &mut found.origin else {
            continue;
        };
        let Some(table) = Table::of(value) else { continue };
        let event = table.required("event", "event = \"factory.ProxyCreation\"", Some);
        let address = table.required("address", "address = \"event.proxy\"", |value| {
            reader.text_of(&value)
        });
        table.finish();
        let event = event.and_then(|event| reader.event_to_remember(event));
        if let (Some(event), Some(address)) = (event, address) {
            *creation = Some(Creation { event, address });
        }
    }
}

impl Creation {
    /// How such a contract comes onto the chain, checked against the ABI.
    pub(super) fn complete(&self, reader: &Reader<'_>) -> Option<Origin> {
        let context = Context {
            event: Some(self.event),
            early: true,
            ..Context::default()
        };
        let address = reader.typed(&self.address, &Type::Address, context)?;
        if address.reads_chain() || address.draws() {
            let help = "use an argument of the event: event.…";
            return reader.refuse_text(
                &self.address,
                "an address follows from the event alone",
                "more than that",
                help,
            );
        }
        Some(Origin::Created {
            event: self.event,
            address,
        })
    }
}
