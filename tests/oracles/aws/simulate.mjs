// Asks iam-simulate (AGPL-3.0, run and never copied) about all triples, in one process.
//
//   node simulate.mjs DIRECTORY MODULES > simulate.jsonl
//
// DIRECTORY is what generate.py wrote, MODULES holds the node_modules with @cloud-copilot/iam-simulate.
//
// Each line: the verdict in the situation that the account itself tells of, the statements that decide, and `kind`:
//   certain      no condition, variable or missing definition can turn the answer
//   from-account one could, but the account tells how it stands: the name of the user, the time, its tags
//   open         it hangs on what the request brings along, or on a policy that is not in the file
// To find that out the same question is put for the best and for the worst case: every statement that hangs on something
// holds where it helps and does not where it hurts, and the other way round. iam-simulate answers each of them.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [directory, modules] = process.argv.slice(2)
const found = createRequire(join(resolve(modules), 'x.js')).resolve('@cloud-copilot/iam-simulate')
const { runSimulation } = await import(pathToFileURL(found))

const EVERYTHING = { Version: '2012-10-17', Statement: [{ Action: '*', Resource: '*' }] }
const list = (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value])
const policyOf = (effect) => ({ ...EVERYTHING, Statement: [{ Effect: effect, ...EVERYTHING.Statement[0] }] })

/** A policy document, which is an object, or a JSON string, percent-encoded or not. */
function document(value) {
  if (typeof value !== 'string') return value
  return JSON.parse(value.trimStart().startsWith('{') ? value : decodeURIComponent(value))
}

/** What applies to a principal: [{name, document}], a boundary, and what is attached and not in the file. */
function policiesOf(account, arn) {
  const who = [...account.UserDetailList, ...account.RoleDetailList].find((one) => one.Arn === arn)
  const groups = list(who.GroupList).map((name) => account.GroupDetailList.find((group) => group.GroupName === name))
  const managed = (arn) => {
    const policy = account.Policies.find((one) => one.Arn === arn)
    return policy && document(policy.PolicyVersionList.find((version) => version.IsDefaultVersion).Document)
  }
  const identity = []
  const missing = []
  for (const holder of [who, ...groups]) {
    const owner = holder.GroupName ?? holder.UserName ?? holder.RoleName
    for (const kind of ['UserPolicyList', 'RolePolicyList', 'GroupPolicyList'])
      for (const inline of list(holder[kind]))
        identity.push({ name: `${owner}/${inline.PolicyName}`, document: document(inline.PolicyDocument) })
    for (const { PolicyArn } of list(holder.AttachedManagedPolicies)) {
      const definition = managed(PolicyArn)
      if (definition) identity.push({ name: PolicyArn, document: definition })
      else missing.push(PolicyArn)
    }
  }
  let boundary
  const boundaryArn = who.PermissionsBoundary?.PermissionsBoundaryArn
  if (boundaryArn) boundary = { name: boundaryArn, document: managed(boundaryArn) }
  return { who, identity, boundary, missing }
}

/** The context keys that the account itself tells of. */
function context(triple, who) {
  const keys = {
    'aws:CurrentTime': triple.now,
    'aws:PrincipalArn': who.Arn,
    'aws:PrincipalAccount': triple.account,
    'aws:PrincipalType': who.UserName ? 'User' : 'AssumedRole'
  }
  if (who.UserName) {
    keys['aws:username'] = who.UserName
    keys['aws:userid'] = who.UserId
    for (const { Key, Value } of list(who.Tags)) keys[`aws:PrincipalTag/${Key}`] = Value
  }
  return keys
}

/** Whether a key is settled for a principal: it has the value in the context, or surely none. */
function settled(key, who) {
  const lower = key.toLowerCase()
  if (['aws:currenttime', 'aws:principalarn', 'aws:principalaccount', 'aws:principaltype', 'aws:username'].includes(lower))
    return true
  // A session of a role has a user id and tags of its own.
  return Boolean(who.UserName) && (lower === 'aws:userid' || lower.startsWith('aws:principaltag/'))
}

const VARIABLE = /\$\{([^}]*)\}/g
const variables = (pattern) => [...pattern.matchAll(VARIABLE)].map((match) => match[1].split(',')[0].trim())
const isLiteral = (name) => ['*', '?', '$'].includes(name)

/**
 * The statements of a document as they are in a case.
 * `lean`: 'as-is', or 'wide'/'narrow' for what helps/hurts; it is turned round for Deny.
 * `know`: whether what the account tells of is used, else every condition and variable counts as not known.
 */
function statements(document, { lean, know }, who, notes) {
  const current = document.Version === '2012-10-17'
  const kept = []
  for (const [index, original] of list(document.Statement).entries()) {
    const statement = { ...original, Sid: `n${index}` }
    if (!current)
      // Variables came with version 2012-10-17: before, the characters mean themselves.
      for (const element of ['Resource', 'NotResource'])
        if (statement[element] !== undefined)
          statement[element] = list(statement[element]).map((one) => one.replaceAll('${', '${$}{'))
    const widen = (lean === 'wide') === (statement.Effect === 'Allow')
    let drop = false
    const operators = Object.entries(statement.Condition ?? {})
    if (operators.length === 0) delete statement.Condition
    else if (lean !== 'as-is') {
      const open = operators.flatMap(([, keys]) => Object.keys(keys)).filter((key) => !know || !settled(key, who))
      if (open.length > 0) {
        notes?.add('condition')
        if (!widen) drop = true
        const rest = operators.map(([operator, keys]) => [
          operator, Object.fromEntries(Object.entries(keys).filter(([key]) => !open.includes(key)))
        ]).filter(([, keys]) => Object.keys(keys).length > 0)
        statement.Condition = Object.fromEntries(rest)
        if (rest.length === 0) delete statement.Condition
      }
    }
    if (current && lean !== 'as-is') {
      const open = (pattern) => variables(pattern).some((name) => !(know && (isLiteral(name) || settled(name, who))))
      const anything = (pattern) => pattern.replace(VARIABLE, '*')
      for (const element of ['Resource', 'NotResource']) {
        if (statement[element] === undefined || !list(statement[element]).some(open)) continue
        notes?.add('variable')
        const longer = widen === (element === 'Resource')
        const patterns = list(statement[element]).map((one) => (open(one) ? (longer ? anything(one) : null) : one))
        statement[element] = patterns.filter((one) => one !== null)
        if (statement[element].length > 0) continue
        if (element === 'Resource') drop = true
        else {
          delete statement.NotResource
          statement.Resource = '*'
        }
      }
    }
    if (!drop) kept.push(statement)
  }
  return kept
}

/** The policies as iam-simulate takes them. A document without statements is left out: it says nothing. */
function prepared({ identity, boundary, missing, who }, how, notes) {
  const kept = ({ name, document }) => ({
    name,
    policy: { Version: '2012-10-17', Statement: statements(document, how, who, notes) }
  })
  const policies = identity.map(kept).filter(({ policy }) => policy.Statement.length > 0)
  if (missing.length > 0 && how.lean !== 'as-is') {
    notes?.add('missing policy')
    policies.push({ name: 'missing', policy: policyOf(how.lean === 'wide' ? 'Allow' : 'Deny') })
  }
  let limits
  if (boundary?.document) {
    const limit = kept(boundary)
    // A boundary that is there and allows nothing is not the same as none.
    if (limit.policy.Statement.length === 0)
      limit.policy.Statement = [{ Effect: 'Allow', Action: 'none:none', Resource: '*' }]
    limits = [limit]
  } else if (boundary && how.lean !== 'as-is') {
    notes?.add('missing policy')
    limits = [{ name: boundary.name, policy: policyOf(how.lean === 'wide' ? 'Allow' : 'Deny') }]
  }
  return { identityPolicies: policies, permissionBoundaryPolicies: limits }
}

/** What every key has unless somebody wrote another: it leaves the decision to the identity policies of the account. */
function keyPolicy(account) {
  return { Version: '2012-10-17', Statement: [{
    Sid: 'own', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' }] }
}

async function ask(triple, policies, who) {
  const result = await runSimulation({
    request: {
      principal: triple.principal,
      action: triple.action,
      resource: { resource: triple.resource, accountId: triple.account },
      contextVariables: context(triple, who)
    },
    identityPolicies: policies.identityPolicies,
    permissionBoundaryPolicies: policies.permissionBoundaryPolicies,
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(triple.action.toLowerCase().startsWith('kms:') && triple.resource !== '*'
      ? { resourcePolicy: keyPolicy(triple.account) } : {})
  }, {})
  if (result.resultType === 'error') return { error: result.errors.message, detail: result.errors }
  const analysis = result.result?.analysis
  const by = []
  for (const part of ['identityAnalysis', 'permissionBoundaryAnalysis'])
    for (const kind of ['denyStatements', 'allowStatements'])
      for (const one of analysis?.[part]?.[kind] ?? [])
        by.push(`${part === 'identityAnalysis' ? '' : 'boundary '}${kind.startsWith('deny') ? 'Deny' : 'Allow'} ` +
          `${one.policyId}#${one.explain.identifier.slice(1)}`)
  return { verdict: result.overallResult, by }
}

const accounts = new Map()
const principals = new Map()
for (const line of readFileSync(join(directory, 'triples.jsonl'), 'utf8').split('\n').filter(Boolean)) {
  const triple = JSON.parse(line)
  if (!accounts.has(triple.world))
    accounts.set(triple.world, JSON.parse(readFileSync(join(directory, triple.world, 'account.json'), 'utf8')))
  if (!principals.has(triple.principal)) {
    const policies = policiesOf(accounts.get(triple.world), triple.principal)
    const notes = new Set()
    const cases = {
      asIs: prepared(policies, { lean: 'as-is' }),
      strict: ['wide', 'narrow'].map((lean) => prepared(policies, { lean, know: false }, notes)),
      knowing: ['wide', 'narrow'].map((lean) => prepared(policies, { lean, know: true }))
    }
    principals.set(triple.principal, { ...policies, cases, notes: [...notes] })
  }
  const { who, cases, notes } = principals.get(triple.principal)
  const asIs = await ask(triple, cases.asIs, who)
  const answer = { id: triple.id, ...asIs }
  const may = async (some) => {
    const answers = []
    for (const one of some) {
      const { verdict, error } = await ask(triple, one, who)
      if (error) answer.error = error
      answers.push(verdict === 'Allowed')
    }
    return answers
  }
  if (!answer.error) {
    answer.kind = 'certain'
    if (notes.length > 0) {
      const [best, worst] = await may(cases.strict)
      if (best !== worst) {
        const [bestKnown, worstKnown] = await may(cases.knowing)
        answer.kind = bestKnown === worstKnown ? 'from-account' : 'open'
        answer.principal_has = notes
      } else if (best !== (asIs.verdict === 'Allowed')) answer.error = 'the cases contradict each other'
    }
  }
  console.log(JSON.stringify(answer))
}
