/** Opens the search from a button; Ctrl+K does the same. */
import { createSpotlight } from "@mantine/spotlight";

export const [searchStore, searchBox] = createSpotlight();

export function openSearch(): void {
  searchBox.open();
}
