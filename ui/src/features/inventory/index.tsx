/** Inventory: items, stock look-up, changes of stock. */
export { InventoryPage as default } from "./InventoryPage";
