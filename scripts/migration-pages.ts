import { definitionSchema } from '../src/lib/migration/definition.ts'
import { loadStepKind, STEP_KIND_IDS } from '../src/lib/migration/steps/index.ts'
import { table, text } from './markdown.ts'

/** The page of step kinds. @param note that it is written by a script */
export async function stepsPage(note: string): Promise<string> {
  const sections: string[] = []
  for (const id of STEP_KIND_IDS) {
    const { title, about, settings } = await loadStepKind(id)
    sections.push(
      [
        `\n## ${id}\n`,
        `${text(title)}.\n`,
        table(
          ['', ''],
          [
            ['is it so already?', text(about.check)],
            ['what it does', text(about.does)],
            ['the way back', text(about.undo)],
          ],
        ),
        '',
        table(
          ['setting', 'what it is'],
          Object.entries(settings).map(([name, { description, need }]) => [
            `\`${name}\`${need === 'required' ? '' : ' (optional)'}`,
            text(description),
          ]),
        ),
      ].join('\n'),
    )
  }
  return [
    '# Steps of migrations',
    note,
    'Each step has besides: `id`, a short name that is unique in the migration; `kind`, one of these; and `title`, for people.',
    'Placeholders such as `${tenant.ars}` may stand in every text: see [migrations](../migrations.md).',
    ...sections,
    '',
  ].join('\n')
}

/** `schemas/migration.json`. */
export async function migrationSchema(): Promise<string> {
  const schema = { $id: 'migration.json', ...(await definitionSchema()) }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}
