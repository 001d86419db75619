/** Search box and filter of a list. Ctrl+F goes to the search box. */
import { CloseButton, SegmentedControl, TextInput } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useLingui } from "@lingui/react/macro";
import { IconSearch } from "@tabler/icons-react";
import { type ReactNode, useRef } from "react";
import classes from "./layout.module.css";

type Props<Filter extends string> = {
  search: string;
  onSearch: (text: string) => void;
  /** What can be found, such as "Search customers". */
  placeholder: string;
  filter?: Filter;
  filters?: { value: Filter; label: string }[];
  onFilter?: (filter: Filter) => void;
  children?: ReactNode;
};

export function ListToolbar<Filter extends string>(props: Props<Filter>) {
  const { search, onSearch, placeholder, filter, filters, onFilter, children } = props;
  const { t } = useLingui();
  const box = useRef<HTMLInputElement>(null);
  useHotkeys([["mod+F", () => box.current?.select()]], []);
  return (
    <>
      <TextInput
        ref={box}
        className={classes.search}
        aria-label={placeholder}
        placeholder={placeholder}
        leftSection={<IconSearch size={14} aria-hidden />}
        rightSection={search === "" ? null : <CloseButton size="xs" aria-label={t`Clear search`} onClick={() => onSearch("")} />}
        value={search}
        onChange={(event) => onSearch(event.currentTarget.value)}
      />
      {filters && filter !== undefined && (
        <div className={classes.filters}>
          <SegmentedControl aria-label={t`Filter`} data={filters} value={filter} onChange={(value) => onFilter?.(value as Filter)} />
        </div>
      )}
      {children}
    </>
  );
}
