"""Can the query be read, wrapped and run?"""
