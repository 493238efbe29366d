import { actionCommand } from "../../instance-action.ts";

export default actionCommand({
  action: "suspend",
  describe: "Freeze an instance; a request or a command wakes it",
  doing: "Suspending",
  wanted: "suspended",
  // Not every vendor can freeze every machine.
  otherwise: "stopped",
});
