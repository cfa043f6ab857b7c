enum PlanGraphPlaceholder {}
