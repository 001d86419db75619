/** Words for the kinds of items, movements and changes of stock. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { ItemKind, MovementKind, StockChange } from "../../api";

export const kindWords: Record<ItemKind, MessageDescriptor> = {
  stocked: msg`Counted`,
  non_stocked: msg`Not counted`,
  service: msg`Service`,
};

export const movementWords: Record<MovementKind, MessageDescriptor> = {
  opening: msg`Opening stock`,
  receipt: msg`Received`,
  shipment: msg`Shipped`,
  shipment_voided: msg`Shipment voided`,
  adjustment: msg`Adjusted`,
  transfer: msg`Moved`,
  return: msg`Returned`,
  count: msg`Counted`,
};

export const changeWords: Record<StockChange, { label: MessageDescriptor; quantity: MessageDescriptor; help: MessageDescriptor }> = {
  receive: {
    label: msg`Receive`,
    quantity: msg`Quantity received`,
    help: msg`Adds to what is on hand.`,
  },
  adjust: {
    label: msg`Adjust`,
    quantity: msg`Change`,
    help: msg`Found, lost or used up: a number with a minus takes away.`,
  },
  count: {
    label: msg`Count`,
    quantity: msg`Quantity counted`,
    help: msg`What is there now; the difference is recorded.`,
  },
  transfer: {
    label: msg`Transfer`,
    quantity: msg`Quantity moved`,
    help: msg`Taken from one location and added to another.`,
  },
};
