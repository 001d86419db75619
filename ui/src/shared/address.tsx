/** A postal address: fields to type it, and lines to read it. */
import { Group, SimpleGrid } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useLingui } from "@lingui/react/macro";
import type { AddressView } from "../api";
import { fieldProps } from "./draftForm";
import { FormField } from "./fields";

/** The address as it is written on a letter; empty lines are left out. */
export function addressLines(address: AddressView): string[] {
  const { name, company, line1, line2, city, region, postal_code, country } = address;
  return [name, company, line1, line2, [city, region, postal_code].filter(Boolean).join(" "), country].filter(Boolean);
}

type Props<D extends object> = {
  form: UseFormReturnType<D>;
  path: string;
  /** Leaves out who is there, where the form has these fields of its own. */
  placeOnly?: boolean;
};

/** Fields of the address at a path of a draft, such as `billing`. */
export function AddressFields<D extends object>({ form, path, placeOnly = false }: Props<D>) {
  const { t } = useLingui();
  const at = (part: keyof AddressView) => fieldProps(form, `${path}.${part}`);
  return (
    <SimpleGrid cols={1} spacing="sm">
      {!placeOnly && (
        <Group grow gap="sm" align="flex-start">
          <FormField label={t`Name`} {...at("name")} />
          <FormField label={t`Company`} {...at("company")} />
        </Group>
      )}
      <FormField label={t`Street`} {...at("line1")} />
      <FormField label={t`Street, second line`} {...at("line2")} />
      <Group grow gap="sm" align="flex-start">
        <FormField label={t`City`} {...at("city")} />
        <FormField label={t`State or region`} {...at("region")} />
      </Group>
      <Group grow gap="sm" align="flex-start">
        <FormField label={t`Postal code`} {...at("postal_code")} />
        <FormField label={t`Country code`} maxLength={2} placeholder="US" {...at("country")} />
      </Group>
      {!placeOnly && <FormField label={t`Telephone`} {...at("phone")} />}
    </SimpleGrid>
  );
}
