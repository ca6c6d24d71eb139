"""Will changed rows be seen, once, and all of them?"""
