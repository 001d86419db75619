/** Chooses between the list of items and the stock look-up (`/inventory/stock`). */
import { SegmentedControl } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { useGo, useSubPath } from "../../shared";
import { ItemsPage } from "./ItemsPage";
import { StockLookup } from "./StockLookup";

export function InventoryPage() {
  const { t } = useLingui();
  const go = useGo();
  const stock = useSubPath() === "stock";
  const views = (
    <SegmentedControl
      aria-label={t`View`}
      value={stock ? "stock" : "items"}
      onChange={(view) => go(view === "stock" ? "/inventory/stock" : "/inventory")}
      data={[
        { value: "items", label: t`Items` },
        { value: "stock", label: t`Stock look-up` },
      ]}
    />
  );
  return stock ? <StockLookup views={views} /> : <ItemsPage views={views} />;
}
