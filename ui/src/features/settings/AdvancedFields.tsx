/** Base URLs of a compatible server, hidden until asked for. */
import { Button, Collapse, Stack, Text } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { Trans } from "@lingui/react/macro";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import type { VendorView } from "../../api";
import { fieldProps, FormField } from "../../shared";
import type { TypedConnection } from "./connectDraft";

export function AdvancedFields({ vendor, form }: { vendor: VendorView; form: UseFormReturnType<TypedConnection> }) {
  const [open, { toggle }] = useDisclosure(false);
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <div>
      <Button variant="subtle" size="xs" color="gray" leftSection={<Chevron size={14} aria-hidden />} aria-expanded={open} onClick={toggle}>
        <Trans>Advanced</Trans>
      </Button>
      <Collapse expanded={open}>
        <Stack gap="sm" pt="xs">
          <Text size="xs" c="var(--br-text-muted)">
            <Trans>Leave these empty unless you connect to another server that speaks like {vendor.name}.</Trans>
          </Text>
          {vendor.endpoints.map((endpoint) => (
            <FormField
              key={endpoint.id}
              label={endpoint.label}
              placeholder={endpoint.production_url}
              {...fieldProps(form, `endpoints.${endpoint.id}`)}
            />
          ))}
        </Stack>
      </Collapse>
    </div>
  );
}
