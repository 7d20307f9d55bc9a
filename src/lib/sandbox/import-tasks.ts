import { setImmediate } from 'node:timers/promises'
import { ok, Problem, type SandboxAnswer, type SandboxRequest } from './answer.ts'
import type { Organizations } from './organizations.ts'
import type { Resource, SandboxState } from './state.ts'

const ORGANIZATION = 'com.liferay.headless.admin.user.dto.v1_0.Organization'
/** Items between two looks at the clock of the event loop. */
const STEP = 100

interface FailedItem {
  readonly item: string
  readonly itemIndex: number
  readonly message: string
}

/** Import tasks of headless-batch-engine v1.0, for organizations: taken at once, done a little later. */
export class ImportTasks {
  readonly #state: SandboxState
  readonly #organizations: Organizations

  constructor(state: SandboxState, organizations: Organizations) {
    this.#state = state
    this.#organizations = organizations
  }

  post({ params: [className = ''], query, body }: SandboxRequest): SandboxAnswer {
    if (className !== ORGANIZATION) throw new Problem(400, `Unknown class name ${className}`)
    if (!Array.isArray(body)) throw new Problem(400, 'The content is no list of items')
    const id = this.#state.newId()
    const code = query.get('externalReferenceCode') ?? `TASK-${id}`
    if (this.#state.tasks.byCode(code) !== undefined)
      throw new Problem(400, `Duplicate import task external reference code ${code}`)
    this.#state.created('import-tasks', code)
    const importStrategy = query.get('importStrategy') ?? 'ON_ERROR_FAIL'
    const task: Resource = {
      className,
      contentType: 'JSON',
      executeStatus: 'INITIAL',
      externalReferenceCode: code,
      failedItems: [],
      id,
      importStrategy,
      operation: 'CREATE',
      processedItemsCount: 0,
      totalItemsCount: body.length,
    }
    this.#state.tasks.put(task)
    void this.#work(
      task,
      body,
      query.get('createStrategy') === 'UPSERT',
      importStrategy === 'ON_ERROR_CONTINUE',
    )
    return { status: 202, body: task }
  }

  getById = ({ params: [id = ''] }: SandboxRequest): SandboxAnswer =>
    ok(found(this.#state.tasks.byId(id), id))
  getByCode = ({ params: [code = ''] }: SandboxRequest): SandboxAnswer =>
    ok(found(this.#state.tasks.byCode(code), code))

  async #work(task: Resource, items: readonly unknown[], upsert: boolean, goOn: boolean): Promise<void> {
    const failedItems: FailedItem[] = []
    const startTime = this.#state.now().toISOString()
    const tell = (executeStatus: string, done: number, more: object = {}): void => {
      const processedItemsCount = done - failedItems.length
      this.#state.tasks.put({ ...task, executeStatus, failedItems, processedItemsCount, startTime, ...more })
    }
    for (const [itemIndex, item] of items.entries()) {
      if (itemIndex % STEP === 0) {
        tell('STARTED', itemIndex)
        await setImmediate()
      }
      try {
        const body = typeof item === 'object' && item !== null ? { ...item } : {}
        if (upsert) this.#organizations.upsert(body)
        else this.#organizations.create(body)
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        failedItems.push({ item: JSON.stringify(item), itemIndex, message })
        if (!goOn) {
          tell('FAILED', itemIndex + 1, { endTime: this.#state.now().toISOString(), errorMessage: message })
          return
        }
      }
    }
    tell('COMPLETED', items.length, { endTime: this.#state.now().toISOString() })
  }
}

function found(task: Resource | undefined, name: string): Resource {
  if (task === undefined) throw new Problem(404, `No BatchEngineImportTask exists with the key ${name}`)
  return task
}
