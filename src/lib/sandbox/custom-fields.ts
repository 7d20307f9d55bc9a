interface CustomField {
  readonly name: string
  readonly customValue?: unknown
}

/** Custom fields as Liferay gives them back, by name. */
export function storedFields(fields: unknown): readonly object[] {
  return fieldsIn(fields)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, customValue }) => ({ customValue: customValue ?? {}, dataType: 'Text', name }))
}

/** Those that are sent replace those of the same name; the others stay. */
export function mergedFields(former: unknown, sent: unknown): readonly object[] {
  return [...new Map([...fieldsIn(former), ...fieldsIn(sent)].map((field) => [field.name, field])).values()]
}

function fieldsIn(fields: unknown): CustomField[] {
  return Array.isArray(fields)
    ? fields.filter((field): field is CustomField => typeof field?.name === 'string')
    : []
}
