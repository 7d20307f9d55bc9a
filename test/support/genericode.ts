/** A genericode list of regions as Destatis publishes them. @param rows key, name, Hinweis; one a line from line 4 on */
export function codeList(
  kind: 'rs' | 'ags' | 'bundesland',
  rows: readonly (readonly [string, string, string?])[],
): string {
  const cell = (column: string, text: string) =>
    `<Value ColumnRef="${column}"><SimpleValue>${inXml(text)}</SimpleValue></Value>`
  const lines = rows.map(
    ([key, name, note]) =>
      `<Row>${cell('SCHLUESSEL', key)}${cell('Bezeichnung', name)}${note === undefined ? '' : cell('Hinweis', note)}</Row>\n`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>
<gc:CodeList xmlns:gc="http://docs.oasis-open.org/codelist/ns/genericode/1.0/"><Identification><CanonicalUri>urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:${kind}</CanonicalUri></Identification>
<ColumnSet><Column Id="SCHLUESSEL"/><Column Id="Bezeichnung"/><Column Id="Hinweis"/><Key><ColumnRef Ref="SCHLUESSEL"/></Key></ColumnSet><SimpleCodeList>
${lines.join('')}</SimpleCodeList></gc:CodeList>
`
}

const inXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
