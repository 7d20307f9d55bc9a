import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { root } from './cli.ts'

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true })
for (const name of readdirSync(`${root}/schemas`).filter((file) => file.endsWith('.json')))
  ajv.addSchema(JSON.parse(readFileSync(`${root}/schemas/${name}`, 'utf8')) as object, name)

/** Compiles `schemas/<name>.json`. @throws Error when it is missing or no valid schema */
export function compileSchema(name: string): ValidateFunction {
  const validate = ajv.getSchema(`${name}.json`)
  if (validate === undefined) throw new Error(`there is no schemas/${name}.json`)
  return validate
}

/** What is wrong with a document by `schemas/<name>.json`; empty when it is valid. */
export function schemaErrors(name: string, document: unknown): readonly string[] {
  const validate = compileSchema(name)
  validate(document)
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`)
}
