/** Principals and their keys. */
import type { Projection } from "../Projection.js";
import { insertInto, statements } from "../statements.js";

const register = insertInto("principal", [
  "principal",
  "kind",
  "name",
  "roles",
  "responsible",
  "registered_by",
  "registered_at",
  "revoked",
  "position",
]);
const addKey = insertInto("principal_key", ["keyid", "principal", "public", "since_at", "since_position"]);
const endKey = `UPDATE principal_key SET until_at = $3, until_position = $4
  WHERE principal = $1 AND keyid = $2 AND until_at IS NULL`;
const endKeys = "UPDATE principal_key SET until_at = $2, until_position = $3 WHERE principal = $1 AND until_at IS NULL";
const move = "UPDATE principal SET position = $2 WHERE principal = $1";
const revoke = `UPDATE principal SET revoked = 1, revoked_by = $2, revoked_at = $3, reason = $4, position = $5
  WHERE principal = $1`;

export const principalProjection: Projection = {
  name: "principal",
  tables: ["principal", "principal_key"],
  views: [],
  project(batch) {
    const { add, list } = statements();
    for (const { position, event } of batch) {
      const { time, actor } = event;
      switch (event.type) {
        case "PrincipalRegistered": {
          const { principal, kind, name, roles, responsible, key } = event.data;
          add(register, principal, kind, name, JSON.stringify(roles), responsible, actor, time, 0, position);
          add(addKey, key.keyid, principal, key.public, time, position);
          break;
        }
        case "KeyRotated": {
          const { principal, key, retires } = event.data;
          for (const keyid of retires) add(endKey, principal, keyid, time, position);
          add(addKey, key.keyid, principal, key.public, time, position);
          add(move, principal, position);
          break;
        }
        case "PrincipalRevoked":
          add(revoke, event.data.principal, actor, time, event.data.reason, position);
          add(endKeys, event.data.principal, time, position);
          break;
      }
    }
    return list;
  },
};
