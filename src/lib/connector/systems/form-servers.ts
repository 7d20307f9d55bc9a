import type { System } from './model.ts'
import { unpublished } from './unpublished.ts'

/** Applications are made in forms: without its form server a portal takes none. */
const affects = 'all'
const remarks =
  'A form that is known to be there makes a good address; a condition on a word of its title tells it from a page of an error.'

export const FORM_SERVERS: readonly System[] = [
  unpublished({
    id: 'form-solutions',
    title: 'FormSolutions',
    vendor: 'Form-Solutions',
    category: 'form-server',
    affects,
    remarks,
  }),
  unpublished({
    id: 'formcycle',
    title: 'Formcycle',
    vendor: 'XIMA MEDIA',
    category: 'form-server',
    affects,
    remarks,
  }),
  {
    id: 'lucom',
    title: 'Lucom Interaction Platform',
    vendor: 'Lucom',
    category: 'form-server',
    kind: 'http',
    alternatives: ['tls'],
    defaults: {
      conditions: [{ status: 200 }, { header: 'content-type', contains: 'json' }],
    },
    evidence: 'observed',
    sources: [
      'A dashboard of the Sozialplattform in North Rhine-Westphalia asks GET /fms/service/portal/v1/system/info; what stands in the answer is not known.',
    ],
    healthy:
      'The information about the system comes as JSON. Add a condition on a value of your own installation.',
    affects,
    remarks: 'The address ends with /fms/service/portal/v1/system/info.',
  },
  unpublished({
    id: 'intelliform',
    title: 'cit intelliForm',
    vendor: 'cit',
    category: 'form-server',
    affects,
    remarks,
  }),
  unpublished({
    id: 'afm',
    title: 'AFM (AForms)',
    vendor: 'several Länder and their providers',
    category: 'form-server',
    affects,
    remarks,
  }),
]
