// Mutation operators on the syntax tree, in the manner of slither-mutate.
//
// Each operator looks at one node and returns replacements, `{ span?, text, description }`; without a span, the whole
// node is replaced.

import { functions, mutant, squeeze } from "./mutant.mjs";
import { Project } from "./sources.mjs";

const COMPARISONS = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "==": ["!="],
  "!=": ["=="],
};
const ARITHMETIC = { "+": ["-"], "-": ["+"], "*": ["+"], "/": ["*"], "%": ["/"] };
const BITS = { "|": ["&"], "&": ["|"], "<<": [">>"], ">>": ["<<"], "^": ["|"] };
const LOGIC = { "&&": ["||"], "||": ["&&"] };
const ASSIGNMENTS = { "+=": ["-=", "="], "-=": ["+=", "="], "*=": ["="], "|=": ["&=", "="], "&=": ["|="] };

/** Text between two nodes, replaced where `from` stands in it. */
function between(at, left, right, from, to) {
  const span = [Project.span(left)[1], Project.span(right)[0]];
  return { span, text: at.text(span).replace(from, to), description: `${from} becomes ${to}` };
}

const binary = (table) => (node, at) => {
  if (node.nodeType !== "BinaryOperation") return [];
  const others = table[node.operator] ?? [];
  return others.map((to) => between(at, node.leftExpression, node.rightExpression, node.operator, to));
};

function assignment(node, at) {
  if (node.nodeType !== "Assignment") return [];
  const others = ASSIGNMENTS[node.operator] ?? [];
  return others.map((to) => between(at, node.leftHandSide, node.rightHandSide, node.operator, to));
}

function unary(node, at) {
  if (node.nodeType !== "UnaryOperation") return [];
  const operand = at.text(Project.span(node.subExpression));
  if (node.operator === "!") return [{ text: operand, description: "! is dropped" }];
  const other = { "++": "--", "--": "++" }[node.operator];
  if (!other) return [];
  const text = node.prefix ? other + operand : operand + other;
  return [{ text, description: `${node.operator} becomes ${other}` }];
}

/** A statement becomes an empty block, and takes the semicolon along that the tree leaves out. */
function dropped(node, at, description) {
  const [start, end] = Project.span(node);
  const span = [start, at.text([end, end + 1]) === ";" ? end + 1 : end];
  return { span, text: "{}", description };
}

/** Whether a statement does nothing but refuse. */
function refuses(statement) {
  if (statement.nodeType === "Block") return statement.statements.length === 1 && refuses(statement.statements[0]);
  return statement.nodeType === "RevertStatement";
}

function check(node, at) {
  if (node.nodeType !== "IfStatement" || !refuses(node.trueBody) || node.falseBody) return [];
  return [dropped(node, at, "the check is dropped")];
}

function requirement(node, at) {
  const call = node.nodeType === "ExpressionStatement" && node.expression;
  if (!call || call.nodeType !== "FunctionCall" || call.expression.name !== "require") return [];
  return [dropped(node, at, "the requirement is dropped")];
}

function condition(node, at) {
  const looped = ["WhileStatement", "ForStatement"].includes(node.nodeType);
  if (node.nodeType !== "IfStatement" && !looped) return [];
  if (!node.condition) return [];
  const span = Project.span(node.condition);
  const text = at.text(span);
  const never = { span, text: "false", description: "the condition is never true" };
  // A loop without an end only runs out of gas.
  if (looped) return [never];
  const negated = { span, text: `!(${text})`, description: "the condition is negated" };
  const always = { span, text: "true", description: "the condition is always true" };
  return refuses(node.trueBody) ? [negated] : [negated, always, never];
}

function statement(node, at) {
  if (node.nodeType !== "ExpressionStatement") return [];
  const { nodeType, operator, expression } = node.expression;
  const changes = nodeType === "Assignment" || (nodeType === "UnaryOperation" && operator !== "!");
  if (!changes && (nodeType !== "FunctionCall" || expression.name === "require")) return [];
  return [dropped(node, at, "the statement is dropped")];
}

function emission(node, at) {
  return node.nodeType === "EmitStatement" ? [dropped(node, at, "the event is not emitted")] : [];
}

const zero = (type) => {
  if (type === "address") return "address(0)";
  if (type === "bool") return "false";
  if (type === "bytes32") return "bytes32(0)";
  return /^uint\d*$/.test(type) ? "0" : undefined;
};

/** Two neighbouring arguments of one type change places; an argument of an event is nothing. */
function arguments_(node, at) {
  const isEvent = node.nodeType === "EmitStatement";
  const call = isEvent ? node.eventCall : node;
  if (call.nodeType !== "FunctionCall" || (call.kind !== "functionCall" && !isEvent)) return [];
  if (!isEvent && at.parent?.nodeType === "EmitStatement") return [];
  if (at.parent?.nodeType === "RevertStatement") return [];
  const found = [];
  const type = (argument) => argument.typeDescriptions.typeString;
  call.arguments.forEach((argument, index) => {
    const next = call.arguments[index + 1];
    const span = Project.span(argument);
    if (next && type(next) === type(argument)) {
      const [first, second] = [at.text(span), at.text(Project.span(next))];
      const both = [span[0], Project.span(next)[1]];
      found.push({ span: both, text: `${second}, ${first}`, description: "two arguments change places" });
    }
    if (isEvent && zero(type(argument))) {
      found.push({ span, text: zero(type(argument)), description: "an argument of the event is nothing" });
    }
  });
  return found;
}

function literal(node, at) {
  if (node.nodeType !== "Literal") return [];
  if (node.kind === "bool") {
    return [{ text: node.value === "true" ? "false" : "true", description: "the constant is negated" }];
  }
  if (node.kind !== "number" || at.parent?.nodeType === "ElementaryTypeName") return [];
  const digits = node.value.replaceAll("_", "");
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(digits) || digits.length > 12) return [];
  return [{ text: String(BigInt(digits) + 1n), description: `${node.value} becomes one more` }];
}

/** A field of a struct becomes the next one of the same type. */
function field(node, at) {
  if (node.nodeType !== "MemberAccess" || !node.expression.typeDescriptions.typeString?.startsWith("struct ")) return [];
  const members = at.structs.get(node.referencedDeclaration);
  if (!members) return [];
  const own = members.findIndex((member) => member.id === node.referencedDeclaration);
  const type = members[own].typeDescriptions.typeString;
  const others = [...members.slice(own + 1), ...members.slice(0, own)];
  const other = others.find((member) => member.typeDescriptions.typeString === type);
  if (!other || type.startsWith("mapping")) return [];
  const [, end] = Project.span(node);
  const span = [end - Buffer.byteLength(node.memberName), end];
  return [{ span, text: other.name, description: `field ${node.memberName} becomes ${other.name}` }];
}

function ternary(node, at) {
  if (node.nodeType !== "Conditional") return [];
  const [first, second] = [node.trueExpression, node.falseExpression].map((branch) => at.text(Project.span(branch)));
  const span = [Project.span(node.trueExpression)[0], Project.span(node.falseExpression)[1]];
  return [{ span, text: `${second} : ${first}`, description: "the branches change places" }];
}

function modifier(node, at) {
  if (node.nodeType !== "ModifierInvocation" || node.kind === "baseConstructorSpecifier") return [];
  return [{ text: "", description: `modifier ${squeeze(at.text(Project.span(node)))} is dropped` }];
}

function sender(node, at) {
  if (node.nodeType !== "MemberAccess" || node.memberName !== "sender" || node.expression.name !== "msg") return [];
  if (["RevertStatement", "EmitStatement"].includes(at.around)) return [];
  return [{ text: "tx.origin", description: "msg.sender becomes tx.origin" }];
}

export const OPERATORS = {
  check,
  requirement,
  modifier,
  condition,
  compare: binary(COMPARISONS),
  logic: binary(LOGIC),
  arithmetic: binary(ARITHMETIC),
  bits: binary(BITS),
  assign: assignment,
  unary,
  statement,
  event: emission,
  argument: arguments_,
  constant: literal,
  field,
  branch: ternary,
  sender,
};

/** Fields of every struct, by the id of each field. */
function structs(project) {
  const found = new Map();
  walk(Object.values(project.trees), (node) => {
    if (node.nodeType !== "StructDefinition") return;
    for (const member of node.members) found.set(member.id, node.members);
  });
  return found;
}

/** Visits every node below, in the order of the source. */
function walk(node, visit, parent, around) {
  if (Array.isArray(node)) {
    for (const child of node) walk(child, visit, parent, around);
  } else if (node && typeof node === "object") {
    const inside = ["RevertStatement", "EmitStatement"].includes(node.nodeType) ? node.nodeType : around;
    if (node.nodeType) visit(node, parent, inside);
    for (const [key, child] of Object.entries(node)) {
      if (key !== "typeDescriptions" && typeof child === "object") walk(child, visit, node.nodeType ? node : parent, inside);
    }
  }
}

/** Every mutant that the operators make of the functions of the sources, in the order of the source. */
export function systematic(project) {
  const fields = structs(project);
  return functions(project).flatMap(({ file, contract, name, node: fn }) => {
    const counts = {};
    const made = [];
    walk([fn.modifiers ?? [], fn.body], (node, parent, around) => {
      if (node.nodeType === "InlineAssembly" || !node.src) return;
      const at = { text: (span) => project.text(file, span), parent, around, structs: fields };
      // What is said of a refusal changes nothing but its words.
      if (around === "RevertStatement") return;
      for (const [operator, apply] of Object.entries(OPERATORS)) {
        for (const { span = Project.span(node), text, description } of apply(node, at)) {
          counts[operator] = (counts[operator] ?? 0) + 1;
          const id = `${contract}.${name}.${operator}-${counts[operator]}`;
          made.push({ id, kind: operator, description, file, span, text });
        }
      }
    });
    return made.map((one) => mutant(project, one));
  });
}

