/**
 * Shared parts of all pages. Pages import from "../../shared" and "../../api" only. Texts: `useLingui().t`, `Trans` from
 * "@lingui/react/macro". No inline styles: Mantine props or a CSS module over the `--br-…` colours of app/theme.ts.
 *
 * A page is the default export of features/<area>/index.tsx; the router finds it and gives it `/<area>` and everything below.
 *   useSubPath() "" | "new" | "connections"…   useGo()(path, {search})   useSearchParams() [params, set(patch, {push})]
 *   recordPath(kind, id) | <RecordLink kind id>: lists open a record in their panel by `?open=<id>`
 * Layout
 *   <ListPage header tabs? toolbar panel>table</ListPage>     <ScrollPage header>form or report</ScrollPage>
 *   <PageHeader title back? actions? primary?>           one primary button a page
 *   <ViewTabs label value views={[{value, label, count?}]} onChange>   views of a page, below its head
 *   <SidePanel title subtitle? onClose actions? footer?> with <PanelSection title> and <Facts facts={[[label, value]]}>, <Entries entries={[{id, label, note?, value}]}>
 *   <EmptyState icon? title text? action?>   <ErrorState error onRetry?> (fills)   <ErrorNote error onRetry?> (in forms)
 * Lists
 *   useListState({filters, sorts, descendingFirst?}) -> search, setSearch, filter, setFilter, sorting, onSort, openId,
 *     setOpenId, unfiltered, query; all kept in the address
 *   useList(command, {...state.query, filter}) from api -> list     (other paged commands: usePages + useListResult)
 *   <ListToolbar search onSearch placeholder filter? filters? onFilter?>extra</ListToolbar>
 *   <DataTable label columns list rowId rowLabel sorting? onSort? openId? onOpen? bulkActions?(rows, clear) empty dimmed?
 *     foot?={{rows: (count) => words, sums?: {column: name}}}>: count and sums of all rows, which core adds up
 *     column: {id, header, cell(row), width: CSS grid track, align?: "end", sort?, title?(row), secondary?: 1… left out where it is too narrow, highest first,
 *       narrow?: "first" | "last": stays in the first line where rows have two}; useMemo
 *   <Price value tone?>  formatPrice   <Amount value quietZero? tone?>  formatMoney/decimalText/isZero/isNegative  formatQuantity  formatDay/formatMoment/formatAgo/
 *     formatDuration  fieldWords(name)  fieldValue(name, text)  toldChanges(fields)
 *   <StatusBadge kind="invoice|order|run|outbox|connection|charge" status>  <Badge tone label>  <SyncBadge state words?>
 *   <SyncList sync>  <RecordHistory kind id version? history?>: pages, entries open  <FieldChanges fields>
 * Forms
 *   const draft = useDraftForm(initial, async (typed) => { await change.mutateAsync([typed]) })
 *     -> form (Mantine), ref (put on <form>), saving, error (show <ErrorNote>), submit(); server field errors go to their path
 *   <FormField|FormArea|FormSelect|AmountField|DateField label {...fieldProps(draft.form, "lines.0.quantity")} />
 *     AmountField: text in the owner's writing, sums as typed; `currency?`.  NumberField: a whole number.  DateField: a day in the
 *     owner's order, ISO text and QuickBooks keys
 *   <FormSection title action?>fields</FormSection>
 *   <CustomerPicker|ItemPicker value valueLabel onChange(option|null)>: "New …" inside.  <EntityPicker> with usePickerQuery(): any other
 *   zoneOptions(zones) for <FormSelect searchable>, which finds words without their accents and signs
 *   useSaveKey(draft, save): Ctrl+S of a form on a page of its own; focusPanel(): the panel of what was saved takes the focus
 *   <AddressFields form path>  addressLines(address)  emptyAddress  newCustomerDraft()  newItemDraft()  newId() (UUIDv7)
 *   <DraftDrawer title draft initial load onClose>fields</DraftDrawer>: all of that in a drawer, <DraftDrawerLoading> before it
 *   A form on a page of its own: {useStaleMerge({draft, initial, load})} draws the choice when a save is `stale`
 * Asking and telling
 *   const confirm = useConfirm(); await confirm({title, text, confirmLabel, danger?}) -> boolean   <ConfirmDialog>: controlled
 *   const guard = useUnsavedGuard(dirty); guard(close)   notifyDone(text, undo?)   notifyError(cause)   notifyAttention(title, text, place)
 *   useLookedAt(place)   useSettled(place, waits)
 * Reading and changing (from "../../api")
 *   useRead("getCustomer", [id], {enabled?, keepPrevious?, fresh?})   useChange("saveCustomer").mutateAsync([draft])
 *   const fetch = useFetch(); await fetch("getCustomer", id): reads anew, once, and renews the cache
 *   Events refresh what is on show; nothing has to be invalidated by hand. onSignIn(listener) hears the end of a sign-in.
 */
export { AddressFields, addressLines } from "./address";
export { Amount, Price } from "./Amount";
export { Badge, StatusBadge, SyncBadge, type Tone } from "./badges";
export { ConfirmDialog, ConfirmProvider, type Question, useConfirm } from "./confirm";
export { DataTable, type SortState, type TableColumn } from "./DataTable";
export { addDays, isDay } from "./dateKeys";
export { type DraftForm, fieldProps, useDraftForm } from "./draftForm";
export { DraftDrawer, DraftDrawerLoading } from "./DraftDrawer";
export { EmptyState } from "./EmptyState";
export { EntityPicker, type PickerOption, type PickerQuery, usePickerQuery } from "./EntityPicker";
export { ErrorNote, ErrorState } from "./ErrorState";
export { AmountField, DateField, FormArea, FormField, FormSelect, NumberField } from "./fields";
export { fieldValue, fieldWords, type ToldChange, toldChanges } from "./fieldText";
export {
  decimalText,
  formatAgo,
  formatDay,
  formatDuration,
  formatList,
  formatMoment,
  formatMoney,
  formatPrice,
  formatQuantity,
  formatSince,
  isNegative,
  isZero,
} from "./format";
export { useReturnFocus, useSaveKey } from "./formKeys";
export { newId } from "./ids";
export { Entries, Facts, FormSection, ListPage, PanelSection, ScrollPage, SidePanel } from "./layout";
export { useListState } from "./listState";
export { ListToolbar } from "./ListToolbar";
export { mailLink } from "./links";
export { locale } from "./locale";
export { differences, reapply } from "./mergeDraft";
export { RecordLink, recordPath, type SearchParams, useGo, useSearchParams, useSubPath } from "./navigation";
export { notifyAttention, notifyDone, notifyError, useLookedAt, useSettled } from "./notify";
export { PageHeader } from "./PageHeader";
export { zoneOptions } from "./optionSearch";
export { focusPanel } from "./panelFocus";
export { planWaits } from "./plans";
export { CustomerPicker, emptyAddress, ItemPicker, newCustomerDraft, newItemDraft } from "./pickers";
export { FieldChanges, SyncList } from "./record";
export { RecordHistory } from "./RecordHistory";
export { StaleDialog } from "./StaleDialog";
export { useStaleMerge } from "./staleMerge";
export { useUnsavedGuard } from "./unsavedGuard";
export { ViewTabs } from "./ViewTabs";
